"""Enums of Unreal, with the numbers of version 5.6."""

from unrealsynth.embedded.unreal._enum import EnumBase, Member


class AttachmentRule(EnumBase):
    KEEP_RELATIVE = Member(0)
    KEEP_WORLD = Member(1)
    SNAP_TO_TARGET = Member(2)


class AutoExposureMethod(EnumBase):
    AEM_HISTOGRAM = Member(0)
    AEM_BASIC = Member(1)
    AEM_MANUAL = Member(2)


class BlendMode(EnumBase):
    BLEND_OPAQUE = Member(0)
    BLEND_MASKED = Member(1)
    BLEND_TRANSLUCENT = Member(2)
    BLEND_ADDITIVE = Member(3)
    BLEND_MODULATE = Member(4)
    BLEND_ALPHA_COMPOSITE = Member(5)
    BLEND_ALPHA_HOLDOUT = Member(6)
    BLEND_TRANSLUCENT_COLORED_TRANSMITTANCE = Member(7)


class BlendableLocation(EnumBase):
    BL_SCENE_COLOR_BEFORE_DOF = Member(2)
    BL_SCENE_COLOR_AFTER_DOF = Member(1)
    BL_TRANSLUCENCY_AFTER_DOF = Member(5)
    BL_SSR_INPUT = Member(4)
    BL_SCENE_COLOR_BEFORE_BLOOM = Member(6)
    BL_REPLACING_TONEMAPPER = Member(3)
    BL_SCENE_COLOR_AFTER_TONEMAPPING = Member(0)


class CameraProjectionMode(EnumBase):
    PERSPECTIVE = Member(0)
    ORTHOGRAPHIC = Member(1)


class CastRayTracedShadow(EnumBase):
    DISABLED = Member(0)
    USE_PROJECT_SETTING = Member(1)
    ENABLED = Member(2)


class ClampMode(EnumBase):
    CMODE_CLAMP = Member(0)
    CMODE_CLAMP_MIN = Member(1)
    CMODE_CLAMP_MAX = Member(2)


class ComparisonTolerance(EnumBase):
    ZERO = Member(0)
    LOW = Member(1)
    MEDIUM = Member(2)
    HIGH = Member(3)
    CUSTOM = Member(4)


class ComponentMobility(EnumBase):
    STATIC = Member(0)
    STATIONARY = Member(1)
    MOVABLE = Member(2)


class DetachmentRule(EnumBase):
    KEEP_RELATIVE = Member(0)
    KEEP_WORLD = Member(1)


class DrawDebugTrace(EnumBase):
    NONE = Member(0)
    FOR_ONE_FRAME = Member(1)
    FOR_DURATION = Member(2)
    PERSISTENT = Member(3)


class DynamicGlobalIlluminationMethod(EnumBase):
    NONE = Member(0)
    LUMEN = Member(1)
    SCREEN_SPACE = Member(2)
    PLUGIN = Member(3)


class InterchangeForceMeshType(EnumBase):
    IFMT_NONE = Member(0)
    IFMT_STATIC_MESH = Member(1)
    IFMT_SKELETAL_MESH = Member(2)


class InterchangeMaterialImportOption(EnumBase):
    IMPORT_AS_MATERIALS = Member(0)
    IMPORT_AS_MATERIAL_INSTANCES = Member(1)


class InterchangeMaterialSearchLocation(EnumBase):
    LOCAL = Member(0)
    UNDER_PARENT = Member(1)
    UNDER_ROOT = Member(2)
    ALL_ASSETS = Member(3)
    DO_NOT_SEARCH = Member(4)


class InterchangeMeshCollision(EnumBase):
    BOX = Member(0)
    SPHERE = Member(1)
    CAPSULE = Member(2)
    CONVEX10DOP_X = Member(3)
    CONVEX10DOP_Y = Member(4)
    CONVEX10DOP_Z = Member(5)
    CONVEX18DOP = Member(6)
    CONVEX26DOP = Member(7)
    NONE = Member(255)


class LightUnits(EnumBase):
    UNITLESS = Member(0)
    CANDELAS = Member(1)
    LUMENS = Member(2)
    EV = Member(3)
    NITS = Member(4)


class MaterialDomain(EnumBase):
    MD_SURFACE = Member(0)
    MD_DEFERRED_DECAL = Member(1)
    MD_LIGHT_FUNCTION = Member(2)
    MD_VOLUME = Member(3)
    MD_POST_PROCESS = Member(4)
    MD_UI = Member(5)


class MaterialParameterAssociation(EnumBase):
    LAYER_PARAMETER = Member(0)
    BLEND_PARAMETER = Member(1)
    GLOBAL_PARAMETER = Member(2)


class MaterialProperty(EnumBase):
    MP_EMISSIVE_COLOR = Member(0)
    MP_OPACITY = Member(1)
    MP_OPACITY_MASK = Member(2)
    MP_BASE_COLOR = Member(5)
    MP_METALLIC = Member(6)
    MP_SPECULAR = Member(7)
    MP_ROUGHNESS = Member(8)
    MP_ANISOTROPY = Member(9)
    MP_NORMAL = Member(10)
    MP_TANGENT = Member(11)
    MP_WORLD_POSITION_OFFSET = Member(12)
    MP_SUBSURFACE_COLOR = Member(15)
    MP_AMBIENT_OCCLUSION = Member(18)
    MP_REFRACTION = Member(19)
    MP_FRONT_MATERIAL = Member(30)


class MaterialSamplerType(EnumBase):
    SAMPLERTYPE_COLOR = Member(0)
    SAMPLERTYPE_GRAYSCALE = Member(1)
    SAMPLERTYPE_ALPHA = Member(2)
    SAMPLERTYPE_NORMAL = Member(3)
    SAMPLERTYPE_MASKS = Member(4)
    SAMPLERTYPE_DISTANCE_FIELD_FONT = Member(5)
    SAMPLERTYPE_LINEAR_COLOR = Member(6)
    SAMPLERTYPE_LINEAR_GRAYSCALE = Member(7)
    SAMPLERTYPE_DATA = Member(8)
    SAMPLERTYPE_EXTERNAL = Member(9)
    SAMPLERTYPE_VIRTUAL_COLOR = Member(10)
    SAMPLERTYPE_VIRTUAL_GRAYSCALE = Member(11)
    SAMPLERTYPE_VIRTUAL_ALPHA = Member(12)
    SAMPLERTYPE_VIRTUAL_NORMAL = Member(13)
    SAMPLERTYPE_VIRTUAL_MASKS = Member(14)
    SAMPLERTYPE_VIRTUAL_LINEAR_COLOR = Member(15)
    SAMPLERTYPE_VIRTUAL_LINEAR_GRAYSCALE = Member(16)


class MaterialShadingModel(EnumBase):
    MSM_UNLIT = Member(0)
    MSM_DEFAULT_LIT = Member(1)
    MSM_SUBSURFACE = Member(2)
    MSM_PREINTEGRATED_SKIN = Member(3)
    MSM_CLEAR_COAT = Member(4)
    MSM_SUBSURFACE_PROFILE = Member(5)
    MSM_TWO_SIDED_FOLIAGE = Member(6)
    MSM_HAIR = Member(7)
    MSM_CLOTH = Member(8)
    MSM_EYE = Member(9)
    MSM_SINGLE_LAYER_WATER = Member(10)
    MSM_THIN_TRANSLUCENT = Member(11)
    MSM_FROM_MATERIAL_EXPRESSION = Member(14)


class MaterialUsage(EnumBase):
    MATUSAGE_SKELETAL_MESH = Member(0)
    MATUSAGE_PARTICLE_SPRITES = Member(1)
    MATUSAGE_BEAM_TRAILS = Member(2)
    MATUSAGE_MESH_PARTICLES = Member(3)
    MATUSAGE_STATIC_LIGHTING = Member(4)
    MATUSAGE_MORPH_TARGETS = Member(5)
    MATUSAGE_SPLINE_MESH = Member(6)
    MATUSAGE_INSTANCED_STATIC_MESHES = Member(7)
    MATUSAGE_GEOMETRY_COLLECTIONS = Member(8)
    MATUSAGE_CLOTHING = Member(9)
    MATUSAGE_NIAGARA_SPRITES = Member(10)
    MATUSAGE_NIAGARA_RIBBONS = Member(11)
    MATUSAGE_NIAGARA_MESH_PARTICLES = Member(12)
    MATUSAGE_GEOMETRY_CACHE = Member(13)
    MATUSAGE_WATER = Member(14)
    MATUSAGE_HAIR_STRANDS = Member(15)
    MATUSAGE_LIDAR_POINT_CLOUD = Member(16)
    MATUSAGE_VIRTUAL_HEIGHTFIELD_MESH = Member(17)
    MATUSAGE_NANITE = Member(18)
    MATUSAGE_VOLUMETRIC_CLOUD = Member(19)
    MATUSAGE_HETEROGENEOUS_VOLUMES = Member(20)
    MATUSAGE_MATERIAL_CACHE = Member(21)
    MATUSAGE_STATIC_MESH = Member(22)


class ReflectionMethod(EnumBase):
    NONE = Member(0)
    LUMEN = Member(1)
    SCREEN_SPACE = Member(2)


class RendererStencilMask(EnumBase):
    ERSM_DEFAULT = Member(0)
    ERSM_255 = Member(1)
    ERSM_1 = Member(2)
    ERSM_2 = Member(3)
    ERSM_4 = Member(4)
    ERSM_8 = Member(5)
    ERSM_16 = Member(6)
    ERSM_32 = Member(7)
    ERSM_64 = Member(8)
    ERSM_128 = Member(9)


class SamplerSourceMode(EnumBase):
    SSM_FROM_TEXTURE_ASSET = Member(0)
    SSM_WRAP_WORLD_GROUP_SETTINGS = Member(1)
    SSM_CLAMP_WORLD_GROUP_SETTINGS = Member(2)


class SceneCaptureCompositeMode(EnumBase):
    SCCM_OVERWRITE = Member(0)
    SCCM_ADDITIVE = Member(1)
    SCCM_COMPOSITE = Member(2)


class SceneCapturePrimitiveRenderMode(EnumBase):
    PRM_LEGACY_SCENE_CAPTURE = Member(0)
    PRM_RENDER_SCENE_PRIMITIVES = Member(1)
    PRM_USE_SHOW_ONLY_LIST = Member(2)


class SceneCaptureSource(EnumBase):
    SCS_SCENE_COLOR_HDR = Member(0)
    SCS_SCENE_COLOR_HDR_NO_ALPHA = Member(1)
    SCS_FINAL_COLOR_LDR = Member(2)
    SCS_SCENE_COLOR_SCENE_DEPTH = Member(3)
    SCS_SCENE_DEPTH = Member(4)
    SCS_DEVICE_DEPTH = Member(5)
    SCS_NORMAL = Member(6)
    SCS_BASE_COLOR = Member(7)
    SCS_FINAL_COLOR_HDR = Member(8)
    SCS_FINAL_TONE_CURVE_HDR = Member(9)


class SceneCaptureUnlitViewmode(EnumBase):
    DISABLED = Member(0)
    CAPTURE = Member(1)
    CAPTURE_OR_CUSTOM_RENDER_PASS = Member(2)


class SceneTextureId(EnumBase):
    PPI_SCENE_COLOR = Member(0)
    PPI_SCENE_DEPTH = Member(1)
    PPI_DIFFUSE_COLOR = Member(2)
    PPI_SPECULAR_COLOR = Member(3)
    PPI_SUBSURFACE_COLOR = Member(4)
    PPI_BASE_COLOR = Member(5)
    PPI_SPECULAR = Member(6)
    PPI_METALLIC = Member(7)
    PPI_WORLD_NORMAL = Member(8)
    PPI_SEPARATE_TRANSLUCENCY = Member(9)
    PPI_OPACITY = Member(10)
    PPI_ROUGHNESS = Member(11)
    PPI_MATERIAL_AO = Member(12)
    PPI_CUSTOM_DEPTH = Member(13)
    PPI_POST_PROCESS_INPUT0 = Member(14)
    PPI_POST_PROCESS_INPUT1 = Member(15)
    PPI_POST_PROCESS_INPUT2 = Member(16)
    PPI_POST_PROCESS_INPUT3 = Member(17)
    PPI_POST_PROCESS_INPUT4 = Member(18)
    PPI_POST_PROCESS_INPUT5 = Member(19)
    PPI_POST_PROCESS_INPUT6 = Member(20)
    PPI_DECAL_MASK = Member(21)
    PPI_SHADING_MODEL_COLOR = Member(22)
    PPI_SHADING_MODEL_ID = Member(23)
    PPI_AMBIENT_OCCLUSION = Member(24)
    PPI_CUSTOM_STENCIL = Member(25)
    PPI_STORED_BASE_COLOR = Member(26)
    PPI_STORED_SPECULAR = Member(27)
    PPI_VELOCITY = Member(28)
    PPI_WORLD_TANGENT = Member(29)
    PPI_ANISOTROPY = Member(30)
    PPI_IS_FIRST_PERSON = Member(31)


class SkyLightSourceType(EnumBase):
    SLS_CAPTURED_SCENE = Member(0)
    SLS_SPECIFIED_CUBEMAP = Member(1)


class SpawnActorCollisionHandlingMethod(EnumBase):
    UNDEFINED = Member(0)
    ALWAYS_SPAWN = Member(1)
    ADJUST_IF_POSSIBLE_BUT_ALWAYS_SPAWN = Member(2)
    ADJUST_IF_POSSIBLE_BUT_DONT_SPAWN_IF_COLLIDING = Member(3)
    DONT_SPAWN_IF_COLLIDING = Member(4)


class TextureAddress(EnumBase):
    TA_WRAP = Member(0)
    TA_CLAMP = Member(1)
    TA_MIRROR = Member(2)


class TextureCompressionSettings(EnumBase):
    TC_DEFAULT = Member(0)
    TC_NORMALMAP = Member(1)
    TC_MASKS = Member(2)
    TC_GRAYSCALE = Member(3)
    TC_DISPLACEMENTMAP = Member(4)
    TC_VECTOR_DISPLACEMENTMAP = Member(5)
    TC_HDR = Member(6)
    TC_EDITOR_ICON = Member(7)
    TC_ALPHA = Member(8)
    TC_DISTANCE_FIELD_FONT = Member(9)
    TC_HDR_COMPRESSED = Member(10)
    TC_BC7 = Member(11)
    TC_HALF_FLOAT = Member(12)
    TC_SINGLE_FLOAT = Member(15)
    TC_HDR_F32 = Member(16)


class TextureFilter(EnumBase):
    TF_NEAREST = Member(0)
    TF_BILINEAR = Member(1)
    TF_TRILINEAR = Member(2)
    TF_DEFAULT = Member(3)


class TextureGroup(EnumBase):
    TEXTUREGROUP_WORLD = Member(0)
    TEXTUREGROUP_WORLD_NORMAL_MAP = Member(1)
    TEXTUREGROUP_WORLD_SPECULAR = Member(2)
    TEXTUREGROUP_CHARACTER = Member(3)
    TEXTUREGROUP_CHARACTER_NORMAL_MAP = Member(4)
    TEXTUREGROUP_CHARACTER_SPECULAR = Member(5)
    TEXTUREGROUP_WEAPON = Member(6)
    TEXTUREGROUP_WEAPON_NORMAL_MAP = Member(7)
    TEXTUREGROUP_WEAPON_SPECULAR = Member(8)
    TEXTUREGROUP_VEHICLE = Member(9)
    TEXTUREGROUP_VEHICLE_NORMAL_MAP = Member(10)
    TEXTUREGROUP_VEHICLE_SPECULAR = Member(11)
    TEXTUREGROUP_CINEMATIC = Member(12)
    TEXTUREGROUP_EFFECTS = Member(13)
    TEXTUREGROUP_EFFECTS_NOT_FILTERED = Member(14)
    TEXTUREGROUP_SKYBOX = Member(15)
    TEXTUREGROUP_UI = Member(16)
    TEXTUREGROUP_LIGHTMAP = Member(17)
    TEXTUREGROUP_RENDER_TARGET = Member(18)
    TEXTUREGROUP_MOBILE_FLATTENED = Member(19)
    TEXTUREGROUP_PROC_BUILDING_FACE = Member(20)
    TEXTUREGROUP_PROC_BUILDING_LIGHT_MAP = Member(21)
    TEXTUREGROUP_SHADOWMAP = Member(22)
    TEXTUREGROUP_COLOR_LOOKUP_TABLE = Member(23)
    TEXTUREGROUP_TERRAIN_HEIGHTMAP = Member(24)
    TEXTUREGROUP_TERRAIN_WEIGHTMAP = Member(25)
    TEXTUREGROUP_BOKEH = Member(26)
    TEXTUREGROUP_IES_LIGHT_PROFILE = Member(27)
    TEXTUREGROUP_PIXELS2D = Member(28)
    TEXTUREGROUP_HIERARCHICAL_LOD = Member(29)
    TEXTUREGROUP_IMPOSTOR = Member(30)
    TEXTUREGROUP_IMPOSTOR_NORMAL_DEPTH = Member(31)
    TEXTUREGROUP_8_BIT_DATA = Member(32)
    TEXTUREGROUP_16_BIT_DATA = Member(33)
    TEXTUREGROUP_PROJECT01 = Member(34)
    TEXTUREGROUP_PROJECT02 = Member(35)
    TEXTUREGROUP_PROJECT03 = Member(36)
    TEXTUREGROUP_PROJECT04 = Member(37)
    TEXTUREGROUP_PROJECT05 = Member(38)
    TEXTUREGROUP_PROJECT06 = Member(39)
    TEXTUREGROUP_PROJECT07 = Member(40)
    TEXTUREGROUP_PROJECT08 = Member(41)
    TEXTUREGROUP_PROJECT09 = Member(42)
    TEXTUREGROUP_PROJECT10 = Member(43)
    TEXTUREGROUP_PROJECT11 = Member(44)
    TEXTUREGROUP_PROJECT12 = Member(45)
    TEXTUREGROUP_PROJECT13 = Member(46)
    TEXTUREGROUP_PROJECT14 = Member(47)
    TEXTUREGROUP_PROJECT15 = Member(48)
    TEXTUREGROUP_PROJECT16 = Member(49)
    TEXTUREGROUP_PROJECT17 = Member(50)
    TEXTUREGROUP_PROJECT18 = Member(51)
    TEXTUREGROUP_PROJECT19 = Member(52)
    TEXTUREGROUP_PROJECT20 = Member(53)
    TEXTUREGROUP_PROJECT21 = Member(54)
    TEXTUREGROUP_PROJECT22 = Member(55)
    TEXTUREGROUP_PROJECT23 = Member(56)
    TEXTUREGROUP_PROJECT24 = Member(57)
    TEXTUREGROUP_PROJECT25 = Member(58)
    TEXTUREGROUP_PROJECT26 = Member(59)
    TEXTUREGROUP_PROJECT27 = Member(60)
    TEXTUREGROUP_PROJECT28 = Member(61)
    TEXTUREGROUP_PROJECT29 = Member(62)
    TEXTUREGROUP_PROJECT30 = Member(63)
    TEXTUREGROUP_PROJECT31 = Member(64)
    TEXTUREGROUP_PROJECT32 = Member(65)


class TextureMipGenSettings(EnumBase):
    TMGS_FROM_TEXTURE_GROUP = Member(0)
    TMGS_SIMPLE_AVERAGE = Member(1)
    TMGS_SHARPEN0 = Member(2)
    TMGS_SHARPEN1 = Member(3)
    TMGS_SHARPEN2 = Member(4)
    TMGS_SHARPEN3 = Member(5)
    TMGS_SHARPEN4 = Member(6)
    TMGS_SHARPEN5 = Member(7)
    TMGS_SHARPEN6 = Member(8)
    TMGS_SHARPEN7 = Member(9)
    TMGS_SHARPEN8 = Member(10)
    TMGS_SHARPEN9 = Member(11)
    TMGS_SHARPEN10 = Member(12)
    TMGS_NO_MIPMAPS = Member(13)
    TMGS_LEAVE_EXISTING_MIPS = Member(14)
    TMGS_BLUR1 = Member(15)
    TMGS_BLUR2 = Member(16)
    TMGS_BLUR3 = Member(17)
    TMGS_BLUR4 = Member(18)
    TMGS_BLUR5 = Member(19)
    TMGS_UNFILTERED = Member(20)
    TMGS_ANGULAR = Member(21)


class TextureRenderTargetFormat(EnumBase):
    RTF_R8 = Member(0)
    RTF_RG8 = Member(1)
    RTF_RGBA8 = Member(2)
    RTF_RGBA8_SRGB = Member(3)
    RTF_R16F = Member(4)
    RTF_RG16F = Member(5)
    RTF_RGBA16F = Member(6)
    RTF_R32F = Member(7)
    RTF_RG32F = Member(8)
    RTF_RGBA32F = Member(9)
    RTF_RGB10A2 = Member(10)


class TraceTypeQuery(EnumBase):
    TRACE_TYPE_QUERY1 = Member(0)
    TRACE_TYPE_QUERY2 = Member(1)
