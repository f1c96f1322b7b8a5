"""uWebSockets: whatever one WebSocket says is brought to all of them."""

import sys

from socketify import App

app = App()
app.ws("/*", {
    "max_payload_length": 65536, "idle_timeout": 0, "compression": 0, "max_backpressure": 1 << 20,
    "open": lambda socket: socket.subscribe("all"),
    "message": lambda socket, message, opcode: app.publish("all", message, opcode),
})
app.listen({"port": int(sys.argv[1]), "host": "127.0.0.1"}, lambda _: print("ready", flush=True))
app.run()
