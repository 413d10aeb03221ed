// The official PLC directory in memory, on a port of its own. Prints its address, and ends with its standard input.
process.env.LOG_ENABLED = 'false'
const { Database, PlcServer } = await import('@did-plc/server')

const server = PlcServer.create({ db: Database.mock(), port: 0, version: 'mock' })
// By itself it listens everywhere.
const listen = server.app.listen.bind(server.app)
server.app.listen = (port) => listen(port, '127.0.0.1')
const http = await server.start()
console.log(`http://127.0.0.1:${http.address().port}`)
process.stdin.on('end', () => process.exit(0)).resume()
