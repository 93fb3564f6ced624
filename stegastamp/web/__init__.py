"""Stamps in the browser: a page that stamps, reads and watches a camera, with the released networks and no server"""
