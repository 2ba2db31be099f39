"""Console variables: values by name, which the editor compares without regard to case."""

CONSOLE_VARIABLES = {
    "r.customdepth": "1",
    "r.customdepthtemporalaajitter": "1",
    "r.forcelod": "-1",
    "r.antialiasingmethod": "4",
    "r.dynamicglobalilluminationmethod": "1",
    "r.reflectionmethod": "1",
    "r.nanite": "1",
    "r.nanite.customdepth": "1",
    "r.texturestreaming": "1",
    "r.virtualtextures": "0",
    "r.vt.enableautoimport": "1",
    "r.streaming.fullyloadusedtextures": "0",
    "r.streaming.poolsize": "1000",
    "r.psoprecache.proxycreationwhenpsoready": "1",
    "r.skylight.realtimereflectioncapture": "1",
    "r.generatemeshdistancefields": "1",
    "editor.asyncassetcompilation": "1",
    "t.maxfps": "0",
}
"""The ones that a capture plugin looks at, with the values of a new project."""
