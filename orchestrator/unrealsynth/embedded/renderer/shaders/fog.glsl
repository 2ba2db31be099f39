// Share of fog colour along a ray; exponential height fog with the line integral in closed form, base 2 as in Unreal.
float fog_opacity(vec3 relative, float length_cm) {
    float rise = fog_shape.y * relative.z;
    float along = abs(rise) > 1e-3 ? (1.0 - exp2(-rise)) / rise : 0.6931472 - 0.2402265 * rise;
    float depth = fog_shape.x * along * max(length_cm - fog_shape.z, 0.0);
    return min(1.0 - exp2(-depth), fog_color.a);
}

vec3 fog_radiance(vec3 ray) {
    float towards_sun = dot(ray.xy, sky_sun.xy) * inversesqrt(max(dot(sky_sun.xy, sky_sun.xy), 1e-8));
    return max(fog_color.rgb + towards_sun * (fog_directional[0].rgb + towards_sun * fog_directional[1].rgb), 0.0);
}
