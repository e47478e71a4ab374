"""Transcripts in and out: any file of a conversation becomes turns of speech, and two of one conversation line up."""
