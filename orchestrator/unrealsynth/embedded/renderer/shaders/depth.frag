#ifdef MASK
#include "material.glsl"
#endif
#ifdef STENCIL
uniform float u_stencil;
out float out_stencil;
#endif
#ifdef PLANAR_DEPTH
out float out_depth_cm;
#endif

void main() {
#ifdef MASK
    if (base_color().a < u_material[2].w) discard;
#endif
#ifdef STENCIL
    out_stencil = u_stencil;
#endif
#ifdef PLANAR_DEPTH
    out_depth_cm = 1.0 / gl_FragCoord.w;
#endif
}
