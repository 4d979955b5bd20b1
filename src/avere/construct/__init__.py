"""From clips and the cues known of them to questions, preference pairs and training turns."""
