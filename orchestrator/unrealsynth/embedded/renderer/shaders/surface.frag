#include "frame.glsl"
#include "material.glsl"
#include "fog.glsl"
#ifdef SHADOW
uniform sampler2DShadow t_shadow;
#endif
#ifdef AMBIENT
uniform sampler3D t_reflections;
#endif
#ifdef PANORAMA
uniform sampler2D t_panorama;
#endif

in vec3 v_relative;
in vec3 v_normal;
out vec4 out_radiance;  // a: share of ambient light, or opacity where the material blends

#ifdef NORMAL_TEXTURE
// Tangent frame from screen derivatives: C. Schüler, "Normal Mapping Without Precomputed Tangents" (ShaderX5).
vec3 mapped_normal(vec3 normal) {
    vec3 dp1 = dFdx(v_relative), dp2 = dFdy(v_relative);
    vec2 duv1 = dFdx(v_uv), duv2 = dFdy(v_uv);
    vec3 dp2_perpendicular = cross(dp2, normal), dp1_perpendicular = cross(normal, dp1);
    vec3 tangent = dp2_perpendicular * duv1.x + dp1_perpendicular * duv2.x;
    vec3 bitangent = dp2_perpendicular * duv1.y + dp1_perpendicular * duv2.y;
    float scale = inversesqrt(max(max(dot(tangent, tangent), dot(bitangent, bitangent)), 1e-20));
    vec3 bump = texture(t_normal, MATERIAL_UV).xyz * 2.0 - 1.0;
    bump.xy *= u_material[1].z;
    // v grows downwards in the image and green points up in it.
    return normalize(tangent * (bump.x * scale) - bitangent * (bump.y * scale) + normal * bump.z);
}
#endif

#ifdef SHADOW
// Mean of six comparisons, each between four texels, around the point. It lies off the surface by as much, against acne.
float sun_visibility(vec3 normal) {
    const vec2 ring[6] = vec2[6](vec2(0.26, 0.97), vec2(-0.71, 0.71), vec2(-0.97, -0.26), vec2(-0.26, -0.97),
                                 vec2(0.71, -0.71), vec2(0.97, 0.26));
    vec2 texel = 1.0 / vec2(textureSize(t_shadow, 0));
    float radius = shadow_scale.x;
    vec3 at = (shadow_from_relative[0] * vec4(v_relative + normal * shadow_scale.z, 1.0)).xyz;
    float place = 0.0;
    vec2 inside = abs(at.xy - 0.5);
#ifdef TWO_SHADOWS
    if (max(inside.x, inside.y) > 0.495) {
        at = (shadow_from_relative[1] * vec4(v_relative + normal * shadow_scale.w, 1.0)).xyz;
        place = 0.5;
        radius = shadow_scale.y;
        inside = abs(at.xy - 0.5);
    }
#endif
    at = vec3(at.x * shadow_share.x, at.y * 0.5 * shadow_share.x + place, min(at.z, 1.0));
    float sum = 0.0;
    for (int i = 0; i < 6; i++) {
        sum += texture(t_shadow, at + vec3(ring[i] * (i % 2 == 0 ? radius : 0.55 * radius) * texel, 0.0));
    }
    if (max(inside.x, inside.y) > 0.497) sum = 6.0;  // beyond the map nothing casts
    return sum * (1.0 / 6.0);
}
#endif

#ifdef AMBIENT
vec3 irradiance(vec3 n) {
    vec3 sum = ambient[0].rgb * 0.282095 + ambient[1].rgb * (0.488603 * n.y) + ambient[2].rgb * (0.488603 * n.z)
             + ambient[3].rgb * (0.488603 * n.x) + ambient[4].rgb * (1.092548 * n.x * n.y)
             + ambient[5].rgb * (1.092548 * n.y * n.z) + ambient[6].rgb * (0.315392 * (3.0 * n.z * n.z - 1.0))
             + ambient[7].rgb * (1.092548 * n.x * n.z) + ambient[8].rgb * (0.546274 * (n.x * n.x - n.y * n.y));
    return max(sum, 0.0);
}

vec3 reflection(vec3 direction, float roughness) {
    vec3 p = direction / (abs(direction.x) + abs(direction.y) + abs(direction.z));
    vec2 folded = (1.0 - abs(p.yx)) * vec2(p.x < 0.0 ? -1.0 : 1.0, p.y < 0.0 ? -1.0 : 1.0);
    vec2 at = (p.z < 0.0 ? folded : p.xy) * 0.5 + 0.5;
    vec3 size = vec3(textureSize(t_reflections, 0));
    return texture(t_reflections, vec3((at * (size.xy - 2.0) + 1.0) / size.xy, (roughness * (size.z - 1.0) + 0.5) / size.z)).rgb;
}
#endif

// GGX distribution with height-correlated Smith visibility in Lagarde and Hammon's forms, for one light.
vec3 lit(vec3 n, vec3 v, vec3 l, vec3 diffuse, vec3 f0, float alpha, float nv) {
    float nl = max(dot(n, l), 0.0);
    vec3 h = normalize(v + l);
    float nh = max(dot(n, h), 0.0), vh = max(dot(v, h), 0.0);
    float a2 = alpha * alpha;
    float d = nh * nh * (a2 - 1.0) + 1.0;
    float distribution = a2 / (PI * d * d);
    float visibility = 0.5 / (mix(2.0 * nl * nv, nl + nv, alpha) + 1e-4);
    float grazing = 1.0 - vh;
    float grazing2 = grazing * grazing;
    vec3 fresnel = f0 + (1.0 - f0) * (grazing2 * grazing2 * grazing);
    return (diffuse * (1.0 / PI) + fresnel * min(distribution * visibility, 500.0)) * nl;
}

void main() {
    vec4 base = base_color();
#ifdef MASK
    if (base.a < u_material[2].w) discard;
#endif
    float distance_cm = length(v_relative);
    vec3 v = v_relative / -distance_cm;
    vec3 emissive = u_material[2].rgb;
#ifdef EMISSIVE_TEXTURE
    emissive *= texture(t_emissive, MATERIAL_UV).rgb;
#endif
#ifdef PANORAMA
    float yaw = atan(-v.y, -v.x);
    emissive *= textureLod(t_panorama, vec2(yaw * (0.5 / PI) + 0.5, acos(clamp(-v.z, -1.0, 1.0)) / PI), 0.0).rgb;
#endif
#ifdef UNLIT
    vec3 radiance = base.rgb + emissive;
    float ambient_share = 0.0;
#else
    vec3 n = normalize(v_normal);
#ifdef TWO_SIDED
    n = gl_FrontFacing ? n : -n;
#endif
    vec3 flat_normal = n;
#ifdef NORMAL_TEXTURE
    n = mapped_normal(n);
#endif
    float metallic = u_material[1].x, roughness = u_material[1].y, occlusion = 1.0;
#ifdef SURFACE_TEXTURES
    vec3 packed_surface = texture(t_metallic_roughness, MATERIAL_UV).rgb;
    roughness *= packed_surface.g;
    metallic *= packed_surface.b;
    occlusion = 1.0 + u_material[1].w * (texture(t_occlusion, MATERIAL_UV).r - 1.0);
#endif
    roughness = clamp(roughness, 0.06, 1.0);
    float alpha = roughness * roughness;
    float nv = abs(dot(n, v)) + 1e-4;
    vec3 diffuse = base.rgb * (1.0 - metallic);
    vec3 f0 = mix(vec3(0.04), base.rgb, metallic);

    vec3 direct = vec3(0.0);
#ifdef SUN
    direct = lit(n, v, sun_direction.xyz, diffuse, f0, alpha, nv) * sun_illuminance.rgb;
#ifdef SHADOW
    direct *= sun_visibility(flat_normal);
#endif
#endif
#ifdef LAMPS
    for (int i = 0; i < int(lamp_count.x); i++) {
        vec3 to_lamp = lamp_position[i].xyz - v_relative;
        float square = max(dot(to_lamp, to_lamp), 1.0);
        vec3 l = to_lamp * inversesqrt(square);
        float window = square * lamp_position[i].w * lamp_position[i].w;
        window = clamp(1.0 - window * window, 0.0, 1.0);
        float cone = clamp((dot(-l, lamp_direction[i].xyz) - lamp_intensity[i].w) * lamp_direction[i].w, 0.0, 1.0);
        direct += lit(n, v, l, diffuse, f0, alpha, nv) * lamp_intensity[i].rgb * (window * window * cone * cone / square);
    }
#endif
    vec3 indirect = vec3(0.0);
#ifdef AMBIENT
    // Environment BRDF: B. Karis, "Physically Based Shading on Mobile" (2014).
    vec4 r = roughness * vec4(-1.0, -0.0275, -0.572, 0.022) + vec4(1.0, 0.0425, 1.04, -0.04);
    float a004 = min(r.x * r.x, exp2(-9.28 * nv)) * r.x + r.y;
    vec2 scale_bias = vec2(-1.04, 1.04) * a004 + r.zw;
    indirect = diffuse * irradiance(n) * (1.0 / PI);
    indirect += reflection(reflect(-v, n), roughness) * (f0 * scale_bias.x + scale_bias.y);
    indirect *= occlusion;
#endif
    vec3 radiance = direct + indirect + emissive;
    float ambient_share = dot(indirect, vec3(1.0)) / (dot(radiance, vec3(1.0)) + 1e-6);
#endif
#ifdef FOG
    float fog = fog_opacity(v_relative, distance_cm);
    radiance = mix(radiance, fog_radiance(-v), fog);
    ambient_share *= 1.0 - fog;
#endif
#ifdef BLEND
    out_radiance = vec4(min(radiance, 60000.0) * base.a, base.a);
#else
    out_radiance = vec4(min(radiance, 60000.0), ambient_share);
#endif
}
