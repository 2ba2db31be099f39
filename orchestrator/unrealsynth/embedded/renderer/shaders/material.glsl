// The material's textures and factors, after glTF 2.0.
uniform vec4 u_material[5];  // base colour; metallic, roughness, normal scale, occlusion; emissive, cutoff; two rows of uv
#ifdef BASE_TEXTURE
uniform sampler2D t_base_color;
#endif
#ifdef SURFACE_TEXTURES
uniform sampler2D t_metallic_roughness;
uniform sampler2D t_occlusion;
#endif
#ifdef NORMAL_TEXTURE
uniform sampler2D t_normal;
#endif
#ifdef EMISSIVE_TEXTURE
uniform sampler2D t_emissive;
#endif
#ifdef UV
in vec2 v_uv;
#ifdef MIRROR
#define WRAPPED(uv) (1.0 - abs(mod(uv, 2.0) - 1.0))
#else
#define WRAPPED(uv) (uv)
#endif
#define MATERIAL_UV WRAPPED(v_uv)
#endif
#ifdef VERTEX_COLOR
in vec4 v_color;
#endif

#ifdef BASE_TEXTURE
// Anisotropic filtering by hand: several trilinear samples along the longer axis of the pixel's footprint. Software
// rasterizers take ten times longer for the driver's own.
vec4 anisotropic(sampler2D image, vec2 uv) {
    const int samples = 5;
    vec2 size = vec2(textureSize(image, 0));
    vec2 across = dFdx(uv), down = dFdy(uv);
    float width = dot(across * size, across * size), height = dot(down * size, down * size);
    vec2 axis = width > height ? across : down;
    float longer = max(width, height), shorter = max(min(width, height), longer / float(samples * samples));
    float lod = 0.5 * log2(max(shorter, 1e-12)) - 0.2;
    vec4 sum = vec4(0.0);
    for (int i = 0; i < samples; i++) {
        vec2 at = uv + axis * ((float(i) + 0.5) / float(samples) - 0.5);
        sum += textureLod(image, WRAPPED(at), lod);
    }
    return sum / float(samples);
}
#endif

vec4 base_color() {
    vec4 color = u_material[0];
#ifdef VERTEX_COLOR
    color *= v_color;
#endif
#ifdef BASE_TEXTURE
#ifdef COARSE
    color *= texture(t_base_color, MATERIAL_UV);
#else
    color *= anisotropic(t_base_color, v_uv);
#endif
#endif
    return color;
}
