#include "frame.glsl"
uniform mat4 u_clip_from_local;
uniform mat4 u_relative_from_local;
uniform mat3 u_normal_from_local;
uniform vec4 u_material[5];

in vec3 in_position;
in vec3 in_normal;
#ifdef UV
in vec2 in_uv;
out vec2 v_uv;
#endif
#ifdef VERTEX_COLOR
in vec4 in_color;
out vec4 v_color;
#endif
out vec3 v_relative;
out vec3 v_normal;

invariant gl_Position;

void main() {
    gl_Position = u_clip_from_local * vec4(in_position, 1.0);
    v_relative = (u_relative_from_local * vec4(in_position, 1.0)).xyz;
    v_normal = u_normal_from_local * in_normal;
#ifdef UV
    v_uv = vec2(dot(u_material[3].xyz, vec3(in_uv, 1.0)), dot(u_material[4].xyz, vec3(in_uv, 1.0)));
#endif
#ifdef VERTEX_COLOR
    v_color = in_color;
#endif
}
