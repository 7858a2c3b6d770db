"""What the documentation site has besides its own pages: pages of other folders, and generated ones."""
