"""The dashboard in Chromium, served by a real server to people of the demo organisation.

W1: no test passes over an error on the console, a request to another host, a broken security policy or a 5xx.
"""
