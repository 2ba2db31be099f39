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
#define MATERIAL_UV (1.0 - abs(mod(v_uv, 2.0) - 1.0))
#else
#define MATERIAL_UV v_uv
#endif
#endif
#ifdef VERTEX_COLOR
in vec4 v_color;
#endif

vec4 base_color() {
    vec4 color = u_material[0];
#ifdef VERTEX_COLOR
    color *= v_color;
#endif
#ifdef BASE_TEXTURE
    color *= texture(t_base_color, MATERIAL_UV);
#endif
    return color;
}
