/**
 * `node serve-bare.ts`: the very oidc-provider of `sekisho serve`, with its stores and settings, as `http.createServer(callback)`: neither our
 * HTTP server, nor the request's preparation, nor pages. Configured like `sekisho serve`; listens on BARE_PORT.
 */
import { createServer, type RequestListener } from 'node:http'
import { Provider } from 'oidc-provider'
import { loadConfig } from '../../../src/config/load-config.ts'
import { openProvider } from '../../../src/main/open-provider.ts'
import { announceReady } from '../../process/announce-ready.ts'

type Callback = ReturnType<Provider['callback']>

let callback: Callback | undefined
// our composition root keeps its callback to itself: looked at where it is made
// eslint-disable-next-line @typescript-eslint/unbound-method
const original = Provider.prototype.callback
Provider.prototype.callback = function (this: Provider): Callback {
  callback = original.call(this)
  return callback
}
const { BARE_PORT = '0', ...environment } = process.env
await openProvider(loadConfig(environment))
if (callback === undefined) throw new Error('no callback was made')
const made = callback
const answer: RequestListener = (req, res) => {
  void made(req, res)
}
announceReady(createServer(answer), Number(BARE_PORT))
