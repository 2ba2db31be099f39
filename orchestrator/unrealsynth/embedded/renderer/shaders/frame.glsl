// What all surfaces of a frame share. Positions are in cm, in world axes, relative to the camera.
layout(std140) uniform Frame {
    mat4 shadow_from_relative[2];
    vec4 sun_direction;      // xyz: towards the sun
    vec4 sun_illuminance;    // rgb: lux
    vec4 shadow_scale;       // x, y: filter radius of each map in its texels; z, w: how far in cm to look off the surface
    vec4 shadow_share;       // x: share of its half of the texture that a map fills, each way
    vec4 ambient[9];         // rgb: irradiance harmonics, lux
    vec4 fog_color;          // rgb: radiance, a: highest opacity
    vec4 fog_shape;          // x: density at the camera, y: falloff (both per cm, base 2), z: start in cm, w: 1 with fog
    vec4 fog_directional[2]; // rgb: what the horizon adds to it, times the cosine and its square of the angle to the sun's azimuth
    vec4 sky_sun;            // xyz: towards the sun of the atmosphere, w: cosine of its radius
    vec4 sky_scale;          // rgb: illuminance outside the air; w: -
    vec4 sky_disc;           // rgb: radiance of the sun's disc
    vec4 cloud_light[2];     // rgb: radiance of a cloud in the sun; what the sky adds to it
    vec4 lamp_position[16];  // xyz: relative to the camera, w: 1 / radius in cm
    vec4 lamp_intensity[16]; // rgb: candela·10⁴ (lux·cm²), w: cosine of the outer cone
    vec4 lamp_direction[16]; // xyz: where the spot shines, w: 1 / (cosine of the inner cone - that of the outer)
    vec4 lamp_count;         // x
};

const float PI = 3.14159265;
