const WORDS = {
  ja: {
    title: 'サンプル商店',
    lead: 'マイナンバーカードでサインインできる、サンプルのお店です。',
    signIn: 'マイナンバーカードでサインイン',
    signOut: 'サインアウト',
    another: '別のカードでサインインする',
    welcome: 'サインインしました',
    hello: '{name} さん、こんにちは。',
    sub: 'このお店でのあなたの識別子（sub）',
    claims: '受け取ったクレーム（ID トークンの中身）',
    note: 'sub はこのサイトだけの識別子です。カードを更新しても変わりません。',
    settings: '登録情報',
    nickname: '呼び名（このお店だけの情報です）',
    save: '保存する',
    since: '会員になった日時',
    stepUp: 'カードで確認してください',
    stepUpText: '登録情報を見たり変えたりするには、もう一度カードを使ってください。確認は5分間有効です。',
    stepUpButton: 'カードで確認する',
    leave: '退会する',
    leaveText: 'このお店が保存しているあなたの情報をすべて消し、どのブラウザーからもサインアウトします。',
    left: '退会しました',
    leftText: 'このお店が保存していた情報は、すべて消しました。',
    leftProvider: 'Sekisho の「あなたのページ」を開くと、このお店との接続も解除できます。',
    failed: 'サインインできませんでした',
    cancelled: 'サインインは中止されました。いつでもやり直せます。',
    later: '今はサインインできません。数分後にもう一度お試しください。',
    again: 'もう一度サインインしてください。',
    back: 'お店へ戻る',
    name: '項目',
    value: '値',
  },
  en: {
    title: 'Sample shop',
    lead: 'A sample shop that you sign in to with a My Number Card.',
    signIn: 'Sign in with My Number Card',
    signOut: 'Sign out',
    another: 'Sign in with another card',
    welcome: 'You are signed in',
    hello: 'Hello, {name}.',
    sub: 'Who you are at this shop (sub)',
    claims: 'Claims received (the ID token)',
    note: 'sub is an identifier for this site only. It stays the same when the card is renewed.',
    settings: 'Your details',
    nickname: 'What we call you (known to this shop only)',
    save: 'Save',
    since: 'Member since',
    stepUp: 'Please confirm with your card',
    stepUpText: 'To see or change your details, use your card once more. It counts for five minutes.',
    stepUpButton: 'Confirm with my card',
    leave: 'Leave this shop',
    leaveText: 'The shop erases everything it keeps about you, and signs you out of every browser.',
    left: 'You have left',
    leftText: 'Everything the shop kept about you is erased.',
    leftProvider: 'On your page at Sekisho you can disconnect this shop as well.',
    failed: 'You are not signed in',
    cancelled: 'The sign-in was stopped. You can try again whenever you like.',
    later: 'Signing in is not possible right now. Try again in a few minutes.',
    again: 'Please sign in again.',
    back: 'Back to the shop',
    name: 'Claim',
    value: 'Value',
  },
} as const

export type Language = keyof typeof WORDS

export function wordsIn(language: Language): Readonly<Record<keyof (typeof WORDS)['ja'], string>> {
  return WORDS[language]
}

export function languageOf(acceptLanguage: string | undefined): Language {
  return acceptLanguage !== undefined && /^\s*en\b/i.test(acceptLanguage) ? 'en' : 'ja'
}
