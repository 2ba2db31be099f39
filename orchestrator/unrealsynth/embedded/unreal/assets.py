"""The asset libraries: finding, listing, making and deleting assets."""

from __future__ import annotations

from unrealsynth.embedded.unreal import _runtime
from unrealsynth.embedded.unreal._assets import is_package_path
from unrealsynth.embedded.unreal._kinds import BOOL, STR, object_kind
from unrealsynth.embedded.unreal._object import OBJECT_CLASS, Class, Object, Property
from unrealsynth.embedded.unreal._struct_base import struct_kind
from unrealsynth.embedded.unreal._wrapper import Array, Name, kind_of
from unrealsynth.embedded.unreal.materials import Material, MaterialInstanceConstant
from unrealsynth.embedded.unreal.render_targets import BlueprintFunctionLibrary
from unrealsynth.embedded.unreal.structs import OBJECT, AssetData
from unrealsynth.embedded.unreal.world import Package, World


class Factory(Object):
    """Makes new assets of one class."""

    _abstract = True
    create_new = Property(BOOL, default=True)
    edit_after_new = Property(BOOL)

    def _makes(self) -> type[Object]:
        raise NotImplementedError


class MaterialFactoryNew(Factory):
    def _makes(self) -> type[Object]:
        return Material


class MaterialInstanceConstantFactoryNew(Factory):
    def _makes(self) -> type[Object]:
        return MaterialInstanceConstant


FACTORY = object_kind("Factory", Factory)


def asset_data(item: Object | None) -> AssetData:
    """What the registry says about an asset; invalid for none."""
    made = AssetData()
    if item is not None and isinstance(item._outer, Package):
        path = item._outer._name
        AssetData.asset_name.store(made, Name(item._name))
        AssetData.package_name.store(made, Name(path))
        AssetData.package_path.store(made, Name(path.rsplit("/", 1)[0]))
        made._asset = item
    return made


class EditorAssetLibrary(BlueprintFunctionLibrary):
    @classmethod
    def does_asset_exist(cls, asset_path: str) -> bool:
        """An asset, or a level that was saved."""
        engine, path = _runtime.engine(), STR.nativize(asset_path)
        return engine.assets.find(path) is not None or engine.has_level(path.split(".")[0])

    @classmethod
    def does_directory_exist(cls, directory_path: str) -> bool:
        return _runtime.engine().assets.has_folder(STR.nativize(directory_path))

    @classmethod
    def does_directory_have_assets(cls, directory_path: str, recursive: bool = True) -> bool:
        return any(_runtime.engine().assets.under(STR.nativize(directory_path), BOOL.nativize(recursive)))

    @classmethod
    def make_directory(cls, directory_path: str) -> bool:
        _runtime.engine().assets.add_folder(STR.nativize(directory_path).rstrip("/"))
        return True

    @classmethod
    def load_asset(cls, asset_path: str) -> Object | None:
        """None, and a line in the log, when there is no such asset."""
        engine = _runtime.engine()
        found = engine.assets.find(STR.nativize(asset_path))
        if found is None:
            engine.log.write("EditorScriptingUtilities", "Error", f"LoadAsset failed: {asset_path} does not exist.")
        return found

    @classmethod
    def find_asset_data(cls, asset_path: str) -> AssetData:
        return asset_data(_runtime.engine().assets.find(STR.nativize(asset_path)))

    @classmethod
    def list_assets(cls, directory_path: str, recursive: bool = True, include_folder: bool = False) -> Array[str]:
        """Object paths, "/Game/A/B.B"; folders, if wanted, end with a slash."""
        assets = _runtime.engine().assets
        folder = STR.nativize(directory_path)
        paths = [item.get_path_name() for item in assets.under(folder, BOOL.nativize(recursive))]
        if include_folder:
            paths += [f"{path}/" for path in assets.folders_under(folder)]
        return Array._of(STR, sorted(paths))

    @classmethod
    def delete_asset(cls, asset_path_to_delete: str) -> bool:
        return cls.delete_loaded_asset(cls.load_asset(asset_path_to_delete))

    @classmethod
    def delete_loaded_asset(cls, asset_to_delete: Object | None) -> bool:
        item = OBJECT.nativize(asset_to_delete)
        if item is None:
            return False
        _runtime.engine().assets.remove(item)
        return True

    @classmethod
    def delete_directory(cls, directory_path: str) -> bool:
        assets, folder = _runtime.engine().assets, STR.nativize(directory_path)
        if not assets.has_folder(folder):
            return False
        assets.remove_folder(folder)
        return True

    @classmethod
    def save_asset(cls, asset_to_save: str, only_if_is_dirty: bool = True) -> bool:
        return cls.save_loaded_asset(_runtime.engine().assets.find(STR.nativize(asset_to_save)), only_if_is_dirty)

    @classmethod
    def save_loaded_asset(cls, asset_to_save: Object | None, only_if_is_dirty: bool = True) -> bool:
        """Assets here live as long as the editor: saving only makes them clean."""
        item = OBJECT.nativize(asset_to_save)
        if item is None or not isinstance(item._outer, Package):
            return False
        item._outer._dirty = False
        return True

    @classmethod
    def save_directory(cls, directory_path: str, only_if_is_dirty: bool = True, recursive: bool = True) -> bool:
        found = list(_runtime.engine().assets.under(STR.nativize(directory_path), BOOL.nativize(recursive)))
        saved = [cls.save_loaded_asset(item) for item in found]
        return all(saved)

    @classmethod
    def get_path_name_for_loaded_asset(cls, loaded_asset: Object | None) -> str:
        item = OBJECT.nativize(loaded_asset)
        return "" if item is None else item.get_path_name()


class AssetTools(Object):
    def create_asset(
        self,
        asset_name: str,
        package_path: str,
        asset_class: Class | type[Object] | None,
        factory: Factory | None,
        calling_context: Name | str = "None",
    ) -> Object | None:
        """None when the class is not the factory's, the path is none, or an asset is there already."""
        engine = _runtime.engine()
        wanted, maker = OBJECT_CLASS.nativize(asset_class), FACTORY.nativize(factory)
        path = f"{STR.nativize(package_path).rstrip('/')}/{STR.nativize(asset_name)}"
        engine.activity += 1
        if (
            maker is None
            or not is_package_path(path)
            or (wanted is not None and not issubclass(maker._makes(), wanted))
        ):
            engine.log.write("LogAssetTools", "Warning", f"CreateAsset: {path} cannot be made.")
            return None
        if engine.assets.find(path) is not None:
            engine.log.write("LogAssetTools", "Warning", f"CreateAsset: An asset already exists at {path}.")
            return None
        return engine.assets.put(path, maker._makes())

    def import_asset_tasks(self, import_tasks: object) -> None:
        from unrealsynth.embedded.unreal.importing import ASSET_IMPORT_TASK, run_task

        for task in import_tasks:  # type: ignore[attr-defined]
            known = ASSET_IMPORT_TASK.nativize(task)
            if known is not None:
                run_task(known)

    def create_unique_asset_name(self, base_package_name: str, suffix: str) -> tuple[str, str]:
        """Package name and asset name."""
        base = STR.nativize(base_package_name) + STR.nativize(suffix)
        path = _runtime.engine().assets.free_path(*base.rsplit("/", 1))
        return path, path.rsplit("/", 1)[1]


class AssetToolsHelpers(Object):
    _abstract = True

    @classmethod
    def get_asset_tools(cls) -> AssetTools:
        return _runtime.engine().singleton(AssetTools)


class AssetRegistry(Object):
    def is_loading_assets(self) -> bool:
        return False

    def wait_for_completion(self) -> None:
        """Nothing is being scanned."""

    def scan_paths_synchronous(
        self, paths: object, force_rescan: bool = False, ignore_deny_list_scan_filters: bool = False
    ) -> None:
        """Nothing lies on disk."""

    def has_assets(self, package_path: Name | str, recursive: bool = False) -> bool:
        return any(_runtime.engine().assets.under(str(Name(package_path)), BOOL.nativize(recursive)))

    def get_assets_by_path(
        self, package_path: Name | str, recursive: bool = False, include_only_on_disk_assets: bool = False
    ) -> Array[AssetData] | None:
        found = _runtime.engine().assets.under(str(Name(package_path)), BOOL.nativize(recursive))
        made: Array[AssetData] = Array._of(struct_kind(AssetData))
        made._items = [asset_data(item) for item in found]
        return made


class AssetRegistryHelpers(Object):
    _abstract = True

    @classmethod
    def get_asset_registry(cls) -> AssetRegistry:
        return _runtime.engine().singleton(AssetRegistry)


class EditorLoadingAndSavingUtils(Object):
    _abstract = True

    @classmethod
    def new_blank_map(cls, save_existing_map: bool) -> World:
        """Leaves the open map, with all that is unsaved in it."""
        engine = _runtime.engine()
        return engine.open_world(engine.untitled())

    @classmethod
    def load_map(cls, filename: str) -> World | None:
        engine, path = _runtime.engine(), STR.nativize(filename).split(".")[0]
        return engine.open_world(path) if engine.has_level(path) else None

    @classmethod
    def get_dirty_map_packages(cls) -> Array[Package]:
        world = _runtime.engine().world
        packages = [world._outer, *world._files()]
        dirty = [package for package in packages if isinstance(package, Package) and package._dirty]
        return Array._of(kind_of(Package), dirty)

    @classmethod
    def get_dirty_content_packages(cls) -> Array[Package]:
        return Array._of(kind_of(Package), _runtime.engine().assets.dirty_packages())

    @classmethod
    def save_dirty_packages(cls, save_map_packages: bool, save_content_packages: bool) -> bool:
        """What belongs to one actor alone is saved without notice of a save."""
        engine = _runtime.engine()
        packages = list(cls.get_dirty_map_packages()) if save_map_packages else []
        for file in [package for package in packages if package in engine.world._files()]:
            engine.save_actor(file)
        packages += list(cls.get_dirty_content_packages()) if save_content_packages else []
        for package in packages:
            package._dirty = False
        return True
