"""The entry that Streamlit runs: page settings, navigation, and the frame around every page."""

import streamlit as st

from app import __version__
from app.errors import AppError
from app.services import current
from app.settings import refuse_elsewhere
from app.ui import banners, frame

frame.configure()
try:
    refuse_elsewhere(st.get_option("server.address") or "")
    with st.spinner("Opening your data…"):
        services = current()
except AppError as error:
    frame.refusal(error)
else:
    page = st.navigation(frame.pages())
    frame.sidebar(services.collections.list, services.health, __version__, services.folder)
    frame.framed()
    banners.database_banner(services.database.trouble, only_read=services.database.only_read)
    banners.index_banner(services.index_trouble, services.begin_mending, services.ingesting.upkeep)
    banners.unseen_banner(services.index_unseen)
    with frame.guard():
        page.run()
