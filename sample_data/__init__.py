"""The invented city of Riverton, its residents and eight quarterly surveys of them."""
