"""What can be measured of the pixels of an image themselves, without any model."""
