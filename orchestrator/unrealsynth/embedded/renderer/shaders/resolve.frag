uniform sampler2D t_image;
uniform vec4 u_grading;  // exposure scale, tone curve on, exponent before the sRGB curve
out vec4 out_color;      // a: luma of the encoded colour, for edge smoothing

// Filmic curve: S. Hill's fit of the ACES reference and output transforms (BakingLab, 2016).
vec3 filmic(vec3 color) {
    const mat3 rrt_from_srgb = mat3(0.59719, 0.07600, 0.02840, 0.35458, 0.90834, 0.13383, 0.04823, 0.01566, 0.83777);
    const mat3 srgb_from_odt = mat3(1.60475, -0.10208, -0.00327, -0.53108, 1.10813, -0.07276, -0.07367, -0.00605, 1.07602);
    vec3 x = rrt_from_srgb * color;
    x = (x * (x + 0.0245786) - 0.000090537) / (x * (0.983729 * x + 0.4329510) + 0.238081);
    return srgb_from_odt * x;
}

void main() {
    vec3 color = texelFetch(t_image, ivec2(gl_FragCoord.xy), 0).rgb * u_grading.x;
    if (u_grading.y > 0.5) color = filmic(color * 1.45);
    color = clamp(color, 0.0, 1.0);
    if (u_grading.z != 1.0) color = pow(color, vec3(u_grading.z));
    color = mix(12.92 * color, 1.055 * pow(max(color, 0.0031308), vec3(1.0 / 2.4)) - 0.055, step(0.0031308, color));
    #ifdef OPAQUE
    out_color = vec4(color, 1.0);
#else
    out_color = vec4(color, dot(color, vec3(0.299, 0.587, 0.114)));
#endif
}
