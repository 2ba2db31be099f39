// Edge smoothing after T. Lottes, "FXAA" (NVIDIA, 2011): along the local edge, where luma contrast is high.
uniform sampler2D t_image;
out vec4 out_color;

void main() {
    vec2 texel = 1.0 / vec2(textureSize(t_image, 0));
    vec2 at = gl_FragCoord.xy * texel;
    vec4 centre = texture(t_image, at);
    float nw = texture(t_image, at + vec2(-0.5, -0.5) * texel).a, ne = texture(t_image, at + vec2(0.5, -0.5) * texel).a;
    float sw = texture(t_image, at + vec2(-0.5, 0.5) * texel).a, se = texture(t_image, at + vec2(0.5, 0.5) * texel).a;
    float low = min(centre.a, min(min(nw, ne), min(sw, se))), high = max(centre.a, max(max(nw, ne), max(sw, se)));
    vec2 along = vec2(sw + se - nw - ne, nw + sw - ne - se);
    float reduce = max((nw + ne + sw + se) * 0.03125, 0.0078125);
    along = clamp(along / (min(abs(along.x), abs(along.y)) + reduce), -8.0, 8.0) * texel;
    vec4 near = 0.5 * (texture(t_image, at - along * 0.1666667) + texture(t_image, at + along * 0.1666667));
    vec4 far = near * 0.5 + 0.25 * (texture(t_image, at - along * 0.5) + texture(t_image, at + along * 0.5));
    vec3 smoothed = far.a < low || far.a > high ? near.rgb : far.rgb;
    out_color = vec4(high - low < max(0.04, high * 0.125) ? centre.rgb : smoothed, 1.0);
}
