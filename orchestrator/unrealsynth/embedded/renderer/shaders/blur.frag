// Mean of four by four texels.
uniform sampler2D t_image;
out vec4 out_mean;

void main() {
    vec2 texel = 1.0 / vec2(textureSize(t_image, 0));
    vec2 at = gl_FragCoord.xy * texel;
    // Between texels, so that each sample is the mean of four.
    out_mean = 0.25 * (texture(t_image, at + vec2(-0.5, -0.5) * texel) + texture(t_image, at + vec2(1.5, -0.5) * texel)
                     + texture(t_image, at + vec2(-0.5, 1.5) * texel) + texture(t_image, at + vec2(1.5, 1.5) * texel));
}
