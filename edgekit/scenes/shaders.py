"""The programs of the renderer `gl`: where corners fall, what a pixel sees, how it is lit."""

VERTEX = """
#version 330
uniform vec2 origin, window; uniform float reach; uniform mat3 turn; uniform vec3 centre;
uniform bool from_sun;
in vec3 pixel, world, normal; in vec4 paint; in float number;
out vec3 at, facing; out vec4 painted; flat out float what; out float far;
void main() {
    at = world; facing = normal; painted = paint; what = number;
    if (from_sun) {
        vec3 seen = turn * (world - centre);
        gl_Position = vec4(seen.xy / reach, -seen.z / reach / 4.0, 1);
        far = -seen.z;
    } else {
        gl_Position = vec4((pixel.xy - origin) / window * 2.0 - 1.0, pixel.z / reach, 1);
        far = pixel.z;
    }
}
"""
NUMBERS = """
#version 330
in float far; flat in float what;
out vec2 result;
void main() { result = vec2(what, far); }
"""
COLOURS = """
#version 330
uniform sampler2D ground, shadow; uniform vec3 ground_at; uniform mat3 turn; uniform vec3 centre;
uniform float sun_reach, softness, texel; uniform vec3 sun, view, sun_colour, sky_colour;
in vec3 at, facing; in vec4 painted; flat in float what;
out vec4 result;
void main() {
    vec3 albedo = what < -0.5 ? texture(ground, (at.xy - ground_at.xy) / ground_at.z + 0.5).rgb : painted.rgb;
    vec3 n = dot(facing, view) < 0.0 ? -facing : facing;
    vec3 seen = turn * (at + n * texel * 1.5 - centre);
    float lit = 0.0;
    for (int i = -1; i <= 1; i++) for (int j = -1; j <= 1; j++) {
        vec2 where = seen.xy / sun_reach + vec2(i, j) * softness;
        float nearest = texture(shadow, where * 0.5 + 0.5).g;
        bool outside = any(greaterThan(abs(where), vec2(1)));
        lit += (outside || -seen.z <= nearest + texel) ? 1.0 / 9.0 : 0.0;
    }
    vec3 halfway = normalize(sun + view);
    float shine = painted.a * pow(max(dot(n, halfway), 0.0), 40.0) * lit;
    vec3 light = sky_colour * (0.6 + 0.4 * n.z) + sun_colour * max(dot(n, sun), 0.0) * lit;
    result = vec4(albedo * light + sun_colour * shine, 1);
}
"""
