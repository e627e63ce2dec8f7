"""From five points to a chip: an upright face of one size, on the device, differentiable in the pixels."""
