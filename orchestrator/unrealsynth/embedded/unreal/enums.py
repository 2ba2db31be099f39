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


class MaterialVectorCoordTransform(EnumBase):
    TRANSFORM_TANGENT = Member(0)
    TRANSFORM_LOCAL = Member(1)
    TRANSFORM_WORLD = Member(2)
    TRANSFORM_VIEW = Member(3)
    TRANSFORM_CAMERA = Member(4)
    TRANSFORM_INSTANCE = Member(6)


class MaterialVectorCoordTransformSource(EnumBase):
    TRANSFORMSOURCE_TANGENT = Member(0)
    TRANSFORMSOURCE_LOCAL = Member(1)
    TRANSFORMSOURCE_WORLD = Member(2)
    TRANSFORMSOURCE_VIEW = Member(3)
    TRANSFORMSOURCE_CAMERA = Member(4)
    TRANSFORMSOURCE_INSTANCE = Member(6)


class TraceTypeQuery(EnumBase):
    TRACE_TYPE_QUERY1 = Member(0)
    TRACE_TYPE_QUERY2 = Member(1)
