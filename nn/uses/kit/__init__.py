"""What the uses share: their settings, their run, their card, and what there is to see."""
