"""Looking: every channel's orders and listings, suppliers' feeds, access, and how late each of them is."""
