// node's ws: whatever one WebSocket says is brought to all of them.
const { WebSocketServer } = require("ws");

const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.argv[2]), perMessageDeflate: false });
server.on("connection", (socket) => {
  socket.on("message", (message) => {
    for (const client of server.clients) client.send(message, { binary: false });
  });
});
server.on("listening", () => console.log("ready"));
