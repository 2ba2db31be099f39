// Ambient occlusion from the depth buffer, at half resolution, after M. McGuire, M. Mara and D. Luebke, "Scalable
// Ambient Obscurance" (HPG 2012). The reach grows with distance, so that things of any size stand on the ground.
uniform sampler2D t_depth;
uniform vec4 u_projection;  // 2 tan(fov/2) / width, near plane in cm, 1 - epsilon of the far plane, -
out vec4 out_openness;      // r: 1 where nothing is near

const int SAMPLES = 11;
const float TURNS = 5.0;

float planar_depth(ivec2 at) {
    float z = texelFetch(t_depth, at, 0).r * 2.0 - 1.0;
    return u_projection.y * (1.0 + u_projection.z) / max(u_projection.z - z, 1e-7);
}

vec3 position(ivec2 at, vec2 half_size) {
    return vec3((vec2(at) + 0.5 - half_size) * u_projection.x, 1.0) * planar_depth(at);
}

void main() {
    ivec2 size = textureSize(t_depth, 0);
    vec2 half_size = vec2(size) * 0.5;
    ivec2 cell = ivec2(gl_FragCoord.xy);
    ivec2 at = min(cell * 2, size - 1);
    vec3 here = position(at, half_size);
    // The nearer neighbour on each side lies on the same surface.
    vec3 right = position(at + ivec2(1, 0), half_size) - here, left = here - position(at - ivec2(1, 0), half_size);
    vec3 down = position(at + ivec2(0, 1), half_size) - here, up = here - position(at - ivec2(0, 1), half_size);
    vec3 across = abs(right.z) < abs(left.z) ? right : left;
    vec3 along = abs(down.z) < abs(up.z) ? down : up;
    vec3 normal = normalize(cross(along, across));
    float reach = clamp(0.1 * here.z, 6.0, 200.0);
    float reach_pixels = reach / (here.z * u_projection.x);
    // Four by four cells share sixteen turns of the spiral; the blur takes them together.
    int order = (cell.x & 3) * 4 + (cell.y & 3);
    float turn = float((order * 7) & 15) * (6.2831853 / 16.0);
    float sum = 0.0;
    for (int i = 0; i < SAMPLES; i++) {
        float share = (float(i) + 0.5) / float(SAMPLES);
        float angle = share * TURNS * 6.2831853 + turn;
        ivec2 there = clamp(at + ivec2(vec2(cos(angle), sin(angle)) * (share * reach_pixels)), ivec2(0), size - 1);
        vec3 to = position(there, half_size) - here;
        float square = dot(to, to), height = dot(to, normal);
        float near = max(reach * reach - square, 0.0);
        sum += near * near * near * max((height - 0.012 * here.z * 0.2) / (square + 0.01), 0.0);
    }
    float reach2 = reach * reach;
    float openness = max(0.0, 1.0 - sum * (5.0 * reach / (reach2 * reach2 * reach2 * float(SAMPLES))));
    out_openness = vec4(openness);
}
