import { createShop } from './create-shop.ts'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, PORT = '3001' } = process.env
if (ISSUER === undefined || CLIENT_ID === undefined || CLIENT_SECRET === undefined) {
  console.error('Set ISSUER, CLIENT_ID and CLIENT_SECRET (and PORT, BASE_URL, API) as registered with the provider.')
  process.exit(64)
}
const baseUrl = process.env['BASE_URL'] ?? `http://localhost:${PORT}`
createShop({
  issuer: ISSUER,
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  baseUrl,
  api: process.env['API'],
}).listen(Number(PORT), '127.0.0.1', () => {
  console.log(`The shop is open at ${baseUrl}`)
})
