"""What shows in figures, or in what others see: each is taken once in a campaign."""
