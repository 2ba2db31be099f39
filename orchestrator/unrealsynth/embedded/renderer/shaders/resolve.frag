// From radiance to the picture: ambient occlusion, exposure, tone curve, display gamma.
uniform sampler2D t_image;
#ifdef OCCLUSION
uniform sampler2D t_occlusion_map;
#endif
uniform vec4 u_grading;  // exposure scale, exponent before the sRGB curve, -, -
out vec4 out_color;      // a: luma of the encoded colour, for edge smoothing

#ifdef TONE_CURVE
// T. Lottes, "Advanced Techniques and Optimization of HDR Color Pipelines" (GDC 2016): x^a / (b·x^(a·d) + c), through
// (0.18, 0.18) and (peak, 1). Some crosstalk between the channels lets bright colours fade to white.
const float CONTRAST = 1.4, SHOULDER = 0.97, PEAK = 12.0, CROSSTALK = 0.06;

vec3 filmic(vec3 x) {
    float mid = pow(0.18, CONTRAST), mid_d = pow(0.18, CONTRAST * SHOULDER);
    float peak = pow(PEAK, CONTRAST), peak_d = pow(PEAK, CONTRAST * SHOULDER);
    float b = (peak * 0.18 - mid) / ((peak_d - mid_d) * 0.18);
    float c = (peak_d * mid - peak * mid_d * 0.18) / ((peak_d - mid_d) * 0.18);
    x = min(mix(x, vec3(dot(x, vec3(1.0 / 3.0))), CROSSTALK), PEAK);
    vec3 powered = pow(x, vec3(CONTRAST));
    x = powered / (b * pow(powered, vec3(SHOULDER)) + c);
    return (x - CROSSTALK * dot(x, vec3(1.0 / 3.0))) / (1.0 - CROSSTALK);
}
#endif

void main() {
    vec4 radiance = texelFetch(t_image, ivec2(gl_FragCoord.xy), 0);
    vec3 color = radiance.rgb * u_grading.x;
#ifdef OCCLUSION
    float openness = texture(t_occlusion_map, gl_FragCoord.xy / vec2(textureSize(t_image, 0))).r;
    color *= 1.0 - radiance.a * (1.0 - openness);
#endif
#ifdef LINEAR
    out_color = vec4(color, 1.0);
#else
#ifdef TONE_CURVE
    color = filmic(color);
#endif
    color = clamp(color, 0.0, 1.0);
    if (u_grading.y != 1.0) color = pow(color, vec3(u_grading.y));
    color = mix(12.92 * color, 1.055 * pow(max(color, 0.0031308), vec3(1.0 / 2.4)) - 0.055, step(0.0031308, color));
#ifdef OPAQUE
    out_color = vec4(color, 1.0);
#else
    out_color = vec4(color, dot(color, vec3(0.299, 0.587, 0.114)));
#endif
#endif
}
