"""Practice shops: they speak the platforms' real wire formats, and nothing they sell exists.

The demo, the tests and the simulation all talk to them. Each is found by its name, `agent.practice.<platform>`, and is
written from the platform's contract and recorded answers, never from the channel that will talk to it.
"""
