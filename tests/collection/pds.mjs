// Starts Bluesky's own server on this machine, reachable from nowhere else, until its input ends.
// node pds.mjs FOLDER, where FOLDER holds node_modules with @atproto/dev-env.

import { createRequire } from 'node:module'
import net from 'node:net'
import path from 'node:path'

// It would listen on every interface; a port without a host gets ours.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (first, ...rest) {
  if (typeof first === 'number' || typeof first === 'string') {
    const done = rest.filter((one) => typeof one === 'function')
    return listen.call(this, { port: Number(first), host: '127.0.0.1' }, ...done)
  }
  if (first && typeof first === 'object' && 'port' in first) {
    return listen.call(this, { ...first, host: '127.0.0.1' }, ...rest)
  }
  return listen.call(this, first, ...rest)
}

const require = createRequire(path.join(path.resolve(process.argv[2]), 'node_modules', 'here.js'))
const { TestNetworkNoAppView } = require('@atproto/dev-env')
const network = await TestNetworkNoAppView.create({ pds: { hostname: 'localhost' } })
console.log(JSON.stringify({ port: network.pds.port }))

process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
