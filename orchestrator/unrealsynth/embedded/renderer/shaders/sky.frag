#include "frame.glsl"
#include "fog.glsl"
uniform mat3 u_ray;  // columns: ray through the centre, its change per unit of clip x and y
#ifdef SKY_ATMOSPHERE
uniform sampler2D t_sky;
#endif
#ifdef CLOUDS
uniform sampler2D t_clouds;

// A flat layer far above: where it is thick, light comes through less; towards the sun its rims shine.
vec3 with_clouds(vec3 sky, vec3 ray) {
    vec2 at = ray.xy / (ray.z + 0.12) * 0.11;
    vec2 towards_sun = sky_sun.xy * 0.012;
    vec2 noise = texture(t_clouds, at).rg;
    float detail = texture(t_clouds, at * 3.7 + 0.31).g - 0.5;
    float thick = noise.r + 0.35 * detail;
    float sunwards = texture(t_clouds, at + towards_sun).r + 0.35 * detail;
    float cover = smoothstep(0.50, 0.72, thick);
    float shade = clamp(0.72 + 1.6 * (thick - sunwards) - 0.75 * smoothstep(0.58, 0.95, thick), 0.15, 1.1);
    float forward = max(dot(ray, sky_sun.xyz), 0.0);
    vec3 cloud = cloud_light[0].rgb * shade * (1.0 + 0.8 * forward * forward * forward * (1.0 - cover)) + cloud_light[1].rgb;
    float far = smoothstep(0.015, 0.22, ray.z);  // clouds at the horizon drown in the air's light
    return mix(sky, cloud, cover * far * 0.95);
}
#endif
#ifdef SKY_PANORAMA
uniform sampler2D t_sky_panorama;
#endif
in vec2 v_clip;
out vec4 out_radiance;

void main() {
    vec3 ray = normalize(u_ray * vec3(1.0, v_clip));
    vec3 radiance = vec3(0.0);
#ifdef SKY_ATMOSPHERE
    vec2 size = vec2(textureSize(t_sky, 0));
    float flat_length = max(length(ray.xy) * length(sky_sun.xy), 1e-6);
    float half_sine = sqrt(clamp(0.5 - 0.5 * dot(ray.xy, sky_sun.xy) / flat_length, 0.0, 1.0));
    vec2 at = vec2(half_sine, 0.5 + 0.5 * sign(ray.z) * sqrt(abs(ray.z)));
    radiance = texture(t_sky, (at * (size - 1.0) + 0.5) / size).rgb * sky_scale.rgb;
#ifdef CLOUDS
    if (ray.z > 0.0) radiance = with_clouds(radiance, ray);
#endif
    float from_sun = dot(ray, sky_sun.xyz);
    radiance += sky_disc.rgb * smoothstep(sky_sun.w - 4e-6, sky_sun.w + 4e-6, from_sun);
#endif
#ifdef SKY_PANORAMA
    vec2 at = vec2(atan(ray.y, ray.x) * (0.5 / PI) + 0.5, acos(clamp(ray.z, -1.0, 1.0)) / PI);
    radiance = textureLod(t_sky_panorama, at, 0.0).rgb;
#endif
#ifdef FOG
    radiance = mix(radiance, fog_radiance(ray), fog_opacity(ray * 3e6, 3e6));
#endif
    out_radiance = vec4(min(radiance, 60000.0), 0.0);
}
