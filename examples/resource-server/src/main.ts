import { createApi } from './create-api.ts'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, RESOURCE, PORT = '3010' } = process.env
if (ISSUER === undefined || CLIENT_ID === undefined || CLIENT_SECRET === undefined || RESOURCE === undefined) {
  console.error('Set ISSUER, CLIENT_ID, CLIENT_SECRET and RESOURCE (and PORT) as registered with the provider.')
  process.exit(64)
}
createApi({ issuer: ISSUER, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, resource: RESOURCE }).listen(
  Number(PORT),
  '127.0.0.1',
  () => {
    console.log(`The API ${RESOURCE} answers on port ${PORT}`)
  },
)
