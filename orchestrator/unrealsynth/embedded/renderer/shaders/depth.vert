// Geometry only: shadows, stencil and depth. The position is the same expression as in surface.vert, bit for bit.
uniform mat4 u_clip_from_local;
in vec3 in_position;
#ifdef UV
uniform vec4 u_material[5];
in vec2 in_uv;
out vec2 v_uv;
#endif
#ifdef VERTEX_COLOR
in vec4 in_color;
out vec4 v_color;
#endif

invariant gl_Position;

void main() {
    gl_Position = u_clip_from_local * vec4(in_position, 1.0);
#ifdef UV
    v_uv = vec2(dot(u_material[3].xyz, vec3(in_uv, 1.0)), dot(u_material[4].xyz, vec3(in_uv, 1.0)));
#endif
#ifdef VERTEX_COLOR
    v_color = in_color;
#endif
}
