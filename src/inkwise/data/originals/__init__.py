"""The files of a set as their authors published them: found, verified, downloaded, turned into images."""
