"""The data set on disk: writer, manifest, label forms, splits and checks."""
