"""Delivery of a project: from its memories and settings to files, images and a cloud."""
