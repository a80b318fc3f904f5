"""The files of a catalogue set as their authors published them: found, verified, downloaded, turned into images."""
