/** Of the test tool alone: nobody but developers reads them. */
export const WORDS = {
  ja: {
    title: 'テスト用のカード置き場',
    warning:
      'これはテスト用の道具です。ここにあるカードと国の窓口はすべて偽物で、本番のサーバーにこのページはありません。',
    other: 'English',
    onReader: 'いま読み取り機にあるカード',
    nobody: 'カードはありません',
    triesLeft: '暗証番号の残り回数',
    pin: 'どのカードも暗証番号は 1234 です。',
    usual: 'よく使うカード',
    more: 'そのほかのカード',
    somebodyNew: '初めて来た人のカード（押すたびに別の人）',
    put: 'このカードを置く',
    takeAway: 'カードを取り去る',
    ends: 'サインインの結果',
    succeeds: '成功',
    services: '国の窓口',
    linkage: '新旧の証明書の確認',
    revocation: '失効の確認',
    up: '動いています',
    down: '止まっています',
    stop: '止める',
    start: '動かす',
    remembered:
      '新旧の確認は、カードごとに初めの一度だけ行われます。失効していないという答えは、本番と同じく5分間記憶されます。窓口を止めたときの動きは「初めて来た人のカード」で確かめてください。',
    replaced: '更新後・再発行後のカードを一度置くと、元のカードはこの実行が終わるまで失効したままです。',
    programs: 'プログラムからも同じことができます：',
    shop: 'サンプル商店を開く',
  },
  en: {
    title: 'Cards for testing',
    warning:
      'This is a test tool. Every card and every national service here is make-believe, and no real server has this page.',
    other: '日本語',
    onReader: 'On the reader now',
    nobody: 'no card',
    triesLeft: 'PIN tries left',
    pin: 'The PIN of every card is 1234.',
    usual: 'Usual cards',
    more: 'Further cards',
    somebodyNew: 'card of somebody who was never here before (somebody else each time)',
    put: 'Put it on the reader',
    takeAway: 'Take the card away',
    ends: 'Sign-in ends with',
    succeeds: 'success',
    services: 'National services',
    linkage: 'Which card came before (linkage)',
    revocation: 'Revocation',
    up: 'answers',
    down: 'is down',
    stop: 'Take it down',
    start: 'Bring it back',
    remembered:
      'Linkage is asked once for each card, when it is first used. “Not revoked” is remembered for five minutes, as in production. To see what happens while a service is down, use the card of somebody new.',
    replaced:
      'Once a renewed or reissued card was on the reader, the card before it stays revoked until this run ends.',
    programs: 'Programs can do the same:',
    shop: 'Open the sample shop',
  },
} as const

export type Language = keyof typeof WORDS
