"""Streamlit's side of the app: who may see a page, what is kept between reruns, shared pieces."""
