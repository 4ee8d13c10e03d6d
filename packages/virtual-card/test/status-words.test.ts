import { beforeAll, expect, test } from 'vitest'
import { createVirtualCard, MY_NUMBER_CARD_ATR, type VirtualCard, type VirtualCardOptions } from '@sekisho/virtual-card'
import { exchange, readBinary, RETRY_QUERY, SELECT_JPKI, selectFile, send, sign, verify } from './commands.ts'
import { issueCredentials, type Credentials } from './issue-credentials.ts'

let credentials: Credentials

beforeAll(async () => {
  credentials = await issueCredentials()
})

function newCard(options: Partial<VirtualCardOptions> = {}): VirtualCard {
  return createVirtualCard({ ...credentials, ...options })
}

const SIGN_ANYTHING = sign(Buffer.from('anything'))

test.each<[string, readonly string[], string]>([
  ['no command at all', [''], '6700'],
  ['three bytes', ['00A404'], '6700'],
  ['Lc longer than the data', [SELECT_JPKI.slice(0, -2)], '6700'],
  ['two bytes behind the data', [`${SELECT_JPKI}0000`], '6700'],
  ['extended length', ['00B00000000100'], '6700'],
  ['instruction nobody knows', ['00FF0000'], '6D00'],
  ['CHANGE REFERENCE DATA, which is not built', ['002401800431323334'], '6D00'],
  ['GET DATA', ['00CA005000'], '6D00'],
  ['READ RECORD', [SELECT_JPKI, '00B2010400'], '6D00'],
  ['GET RESPONSE with nothing to get', ['00C0000000'], '6D00'],
  ['SELECT with secure messaging', [SELECT_JPKI.replace(/^00/, '0C')], '6E00'],
  ['VERIFY with the class of the signature command', [SELECT_JPKI, selectFile('0018'), '80200080'], '6E00'],
  ['signature with the class of VERIFY', [SELECT_JPKI, selectFile('0017'), SIGN_ANYTHING.replace(/^80/, '00')], '6E00'],

  ['SELECT of no application', ['00A4040C'], '6700'],
  ['SELECT of the application that holds name and individual number', ['00A4040C0AD3921000310001010408'], '6A82'],
  ['SELECT of the application with the face of the card', ['00A4040C0AD3921000310001010402'], '6A82'],
  ['SELECT of the common application', ['00A4040C0AD3921000310001010100'], '6A82'],
  ['SELECT of the resident register application', ['00A4040C0AD3921000310001010401'], '6A82'],
  ['SELECT of the issuer security domain', ['00A4040C07A0000001510000'], '6A82'],
  ['SELECT of a prefix of the JPKI application', ['00A4040C05D392F00026'], '6A82'],
  ['SELECT of the JPKI application and one byte', ['00A4040C0BD392F00026010000000100'], '6A82'],
  ['SELECT of the JPKI application with P2=00', [SELECT_JPKI.replace('040C', '0400')], '6A86'],
  ['SELECT with P1=03', [SELECT_JPKI, '00A4030C'], '6A86'],
  ['SELECT of the JPKI application', [SELECT_JPKI], '9000'],
  ['SELECT of the master file after a reset', ['00A40000'], '6A86'],
  ['SELECT of the master file inside the application', [SELECT_JPKI, '00A40000'], '9000'],
  ['SELECT of 3F00', [SELECT_JPKI, '00A40000023F00'], '6A82'],

  ['SELECT of a file before the application', [selectFile('000A')], '6A82'],
  ['SELECT of a file that is not there', [SELECT_JPKI, selectFile('0003')], '6A82'],
  ['SELECT of a file by one byte', [SELECT_JPKI, '00A4020C010A'], '6700'],
  ['SELECT of a file with P2=00', [SELECT_JPKI, '00A4020002000A'], '6A86'],
  ['SELECT of a file', [SELECT_JPKI, selectFile('000A')], '9000'],

  ['READ BINARY before any SELECT', [readBinary(0, 0)], '6986'],
  ['READ BINARY with no current file', [SELECT_JPKI, readBinary(0, 0)], '6986'],
  [
    'READ BINARY after the application was selected again',
    [SELECT_JPKI, selectFile('000A'), SELECT_JPKI, readBinary(0, 0)],
    '6986',
  ],
  ['READ BINARY of a PIN', [SELECT_JPKI, selectFile('0018'), readBinary(0, 0)], '6981'],
  ['READ BINARY of a private key', [SELECT_JPKI, selectFile('0017'), readBinary(0, 0)], '6981'],
  ['READ BINARY of the terminal CA key', [SELECT_JPKI, selectFile('0016'), readBinary(0, 0)], '6981'],
  ['READ BINARY without Le', [SELECT_JPKI, selectFile('000A'), '00B00000'], '6700'],
  ['READ BINARY with data', [SELECT_JPKI, selectFile('000A'), '00B00000010000'], '6700'],
  ['READ BINARY at the end of the file', [SELECT_JPKI, selectFile('0006'), readBinary(160, 1)], '6B00'],
  ['READ BINARY at the last offset there is', [SELECT_JPKI, selectFile('000A'), readBinary(0x7fff, 1)], '6B00'],
  ['READ BINARY of the last byte', [SELECT_JPKI, selectFile('0006'), readBinary(159, 1)], '9000'],
  ['READ BINARY by short identifier', [SELECT_JPKI, '00B08A0000'], '9000'],
  ['READ BINARY by short identifier 0', [SELECT_JPKI, '00B0800000'], '6A86'],
  ['READ BINARY by a short identifier nobody has', [SELECT_JPKI, '00B0830000'], '6A82'],
  ['READ BINARY by a short identifier beyond 1E', [SELECT_JPKI, '00B09F0000'], '6A86'],
  ['READ BINARY by short identifier before the application', ['00B08A0000'], '6A82'],

  ['signature certificate without its PIN', [SELECT_JPKI, selectFile('0001'), readBinary(0, 4)], '6982'],
  [
    'signature certificate with the other PIN',
    [SELECT_JPKI, selectFile('0018'), verify('1234'), selectFile('0001'), readBinary(0, 4)],
    '6982',
  ],
  [
    'signature certificate with its PIN',
    [SELECT_JPKI, selectFile('001B'), verify('SEKISHO1'), selectFile('0001'), readBinary(0, 4)],
    '9000',
  ],

  ['retry query with no current file', [SELECT_JPKI, RETRY_QUERY], '6986'],
  ['retry query on a certificate', [SELECT_JPKI, selectFile('000A'), RETRY_QUERY], '6981'],
  ['retry query in four bytes', [SELECT_JPKI, selectFile('0018'), RETRY_QUERY], '63C3'],
  ['retry query in five bytes', [SELECT_JPKI, selectFile('0018'), `${RETRY_QUERY}00`], '63C3'],
  ['retry query of the signature PIN', [SELECT_JPKI, selectFile('001B'), RETRY_QUERY], '63C5'],
  ['retry query by short identifier', [SELECT_JPKI, '00200098'], '63C3'],
  ['VERIFY with P1=01', [SELECT_JPKI, selectFile('0018'), '00200180'], '6A86'],
  ['VERIFY with P2=00', [SELECT_JPKI, selectFile('0018'), '00200000'], '6A86'],
  ['VERIFY with P2=9F', [SELECT_JPKI, selectFile('0018'), '0020009F'], '6A86'],
  ['VERIFY with Le', [SELECT_JPKI, selectFile('0018'), `${verify('1234')}00`], '6700'],
  ['VERIFY, right', [SELECT_JPKI, selectFile('0018'), verify('1234')], '9000'],
  ['VERIFY, wrong', [SELECT_JPKI, selectFile('0018'), verify('4321')], '63C2'],
  ['VERIFY, three digits of the right PIN', [SELECT_JPKI, selectFile('0018'), verify('123')], '63C2'],
  ['VERIFY, right PIN and one digit', [SELECT_JPKI, selectFile('0018'), verify('12345')], '63C2'],
  ['VERIFY, signature PIN in lower case', [SELECT_JPKI, selectFile('001B'), verify('sekisho1')], '63C4'],
  ['VERIFY, signature PIN at the authentication PIN', [SELECT_JPKI, selectFile('0018'), verify('SEKISHO1')], '63C2'],

  ['signature before any SELECT', [SIGN_ANYTHING], '6986'],
  ['signature without PIN', [SELECT_JPKI, selectFile('0017'), SIGN_ANYTHING], '6982'],
  [
    'signature with the other PIN',
    [SELECT_JPKI, selectFile('001B'), verify('SEKISHO1'), selectFile('0017'), SIGN_ANYTHING],
    '6982',
  ],
  ['signature with the PIN selected', [SELECT_JPKI, selectFile('0018'), verify('1234'), SIGN_ANYTHING], '6981'],
  [
    'signature with the certificate selected',
    [SELECT_JPKI, selectFile('0018'), verify('1234'), selectFile('000A'), SIGN_ANYTHING],
    '6981',
  ],
  [
    'signature with the other key',
    [SELECT_JPKI, selectFile('0018'), verify('1234'), selectFile('001A'), SIGN_ANYTHING],
    '6982',
  ],
  ['signature', [SELECT_JPKI, selectFile('0018'), verify('1234'), selectFile('0017'), SIGN_ANYTHING], '9000'],
  ['signature by short identifier', [SELECT_JPKI, selectFile('0018'), verify('1234'), '802A009702414200'], '9000'],
  [
    'signature with the signature key',
    [SELECT_JPKI, selectFile('001B'), verify('SEKISHO1'), selectFile('001A'), SIGN_ANYTHING],
    '9000',
  ],
])('%s', (_name, commands, status) => {
  expect(send(newCard(), ...commands)).toBe(status)
})

const LOGGED_IN = [SELECT_JPKI, selectFile('0018'), verify('1234'), selectFile('0017')]

test.each([
  ['P1=01', SIGN_ANYTHING.replace('2A00', '2A01'), '6A86'],
  ['P1=02', SIGN_ANYTHING.replace('2A00', '2A02'), '6A86'],
  ['P1=05', SIGN_ANYTHING.replace('2A00', '2A05'), '6A86'],
  ['P1=9E, as ISO has it', SIGN_ANYTHING.replace('2A0080', '2A9E9A'), '6A86'],
  ['P2=00', SIGN_ANYTHING.replace('2A0080', '2A0000'), '6A86'],
  ['nothing to sign', '802A008000', '6700'],
  ['no Le', SIGN_ANYTHING.slice(0, -2), '6700'],
  ['an Le too small for the signature', `${SIGN_ANYTHING.slice(0, -2)}80`, '6C00'],
  ['246 bytes', sign(Buffer.alloc(246, 7)), '6985'],
  ['255 bytes', sign(Buffer.alloc(255, 7)), '6985'],
  ['1 byte', sign(Buffer.of(0)), '9000'],
  ['245 bytes', sign(Buffer.alloc(245, 0xff)), '9000'],
])('signature command after the right PIN: %s', (_name, command, status) => {
  expect(send(newCard(), ...LOGGED_IN, command)).toBe(status)
})

test.each([
  ['the application is selected again', (card: VirtualCard) => send(card, SELECT_JPKI)],
  [
    'the card is reset',
    (card: VirtualCard) => {
      card.reset()
      return send(card, SELECT_JPKI)
    },
  ],
])('the PIN is forgotten when %s', (_name, lose) => {
  const card = newCard()
  expect(send(card, ...LOGGED_IN, SIGN_ANYTHING)).toBe('9000')
  lose(card)
  expect(send(card, selectFile('0017'), SIGN_ANYTHING)).toBe('6982')
})

test.each([
  ['a wrong PIN', [selectFile('0018'), verify('0000'), selectFile('0017')], '6982'],
  ['another application asked for in vain', ['00A4040C0AD3921000310001010408'], '9000'],
  ['the master file selected, which does nothing', ['00A40000'], '9000'],
  ['the other PIN failed', [selectFile('001B'), verify('WRONG1'), selectFile('0017')], '9000'],
])('signing after the right PIN and then %s', (_name, commands, status) => {
  expect(send(newCard(), ...LOGGED_IN, ...commands, SIGN_ANYTHING)).toBe(status)
})

test('a reset takes the application and the current file away', () => {
  const card = newCard()
  send(card, SELECT_JPKI, selectFile('000A'))
  card.reset()
  expect(send(card, readBinary(0, 0))).toBe('6986')
  expect(send(card, selectFile('000A'))).toBe('6A82')
})

test('a holder under 15 has no signature files, and EF 0008 says so', () => {
  const card = createVirtualCard({ authentication: credentials.authentication })
  const statuses = ['0001', '0002', '001A', '001B'].map((identifier) => send(card, SELECT_JPKI, selectFile(identifier)))
  expect(statuses).toEqual(['6A82', '6A82', '6A82', '6A82'])
  expect(exchange(card, SELECT_JPKI, selectFile('0008'), readBinary(0, 0)).data).toEqual(Buffer.from('008F00', 'hex'))
  expect(card.triesLeft('signature')).toBeUndefined()
})

test('an Android phone shows its certificate only after the PIN', () => {
  const card = newCard({ label: 'JPKIAPGPSETOKEN' })
  expect(send(card, SELECT_JPKI, selectFile('000A'), readBinary(0, 4))).toBe('6982')
  expect(send(card, selectFile('0018'), verify('1234'), selectFile('000A'), readBinary(0, 4))).toBe('9000')
})

test('a card that corrects Le instead of reading less', () => {
  const card = newCard({ readPastEnd: 'correct-length' })
  expect(send(card, SELECT_JPKI, selectFile('0008'), readBinary(0, 0))).toBe('6C03')
  expect(send(card, readBinary(0, 3))).toBe('9000')
})

test('a card that answers 9000 to the retry query once the PIN is verified', () => {
  const card = newCard({ queryWhenVerified: '9000' })
  expect(send(card, SELECT_JPKI, selectFile('0018'), RETRY_QUERY)).toBe('63C3')
  expect(send(card, verify('1234'), RETRY_QUERY)).toBe('9000')
  expect(send(newCard(), SELECT_JPKI, selectFile('0018'), verify('1234'), RETRY_QUERY)).toBe('63C3')
})

test('the ATR ends with the check byte a reader wants', () => {
  const { atr } = newCard()
  expect(atr.toString('hex')).toBe('3be000ff8131fe4514')
  expect(MY_NUMBER_CARD_ATR.slice(1).reduce((all, byte) => all ^ byte)).toBe(0)
})
