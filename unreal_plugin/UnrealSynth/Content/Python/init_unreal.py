# Runs in the editor's public console scope: nothing but the import and one call.
import unrealsynth_plugin.startup

unrealsynth_plugin.startup.start()
