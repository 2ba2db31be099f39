"""The embedded editor: a stand-in for Unreal that runs the plugin and speaks its remote-execution protocol."""
