import { MARK, SCHEME } from './mark.ts'
import { refuseControl } from './refuse-control.ts'

export const LABEL = 'sekisho-agent'

/** launchd.plist(5): started at log-in, and again should it fail. */
export function writeLaunchAgent(command: readonly string[]): string {
  const words = [...command, 'serve'].map((word) => `    <string>${escape(word)}</string>`)
  return propertyList([
    '  <key>Label</key>',
    `  <string>${LABEL}</string>`,
    '  <key>ProgramArguments</key>',
    '  <array>',
    ...words,
    '  </array>',
    '  <key>RunAtLoad</key>',
    '  <true/>',
    '  <key>KeepAlive</key>',
    '  <dict>',
    '    <key>SuccessfulExit</key>',
    '    <false/>',
    '  </dict>',
    '  <key>ThrottleInterval</key>',
    '  <integer>10</integer>',
    '  <key>ProcessType</key>',
    '  <string>Interactive</string>',
  ])
}

/** macOS hands a scheme to an application, never to a command: the smallest there can be, with a script inside. */
export function writeBundleInformation(executable: string): string {
  return propertyList([
    '  <key>CFBundleIdentifier</key>',
    `  <string>${LABEL}.wake</string>`,
    '  <key>CFBundleName</key>',
    '  <string>Sekisho Agent</string>',
    '  <key>CFBundlePackageType</key>',
    '  <string>APPL</string>',
    '  <key>CFBundleExecutable</key>',
    `  <string>${escape(executable)}</string>`,
    '  <key>LSBackgroundOnly</key>',
    '  <true/>',
    '  <key>CFBundleURLTypes</key>',
    '  <array>',
    '    <dict>',
    '      <key>CFBundleURLName</key>',
    '      <string>Sekisho Agent</string>',
    '      <key>CFBundleURLSchemes</key>',
    '      <array>',
    `        <string>${SCHEME}</string>`,
    '      </array>',
    '    </dict>',
    '  </array>',
  ])
}

/** The address comes to an application as an Apple event, which a script never sees. */
export function writeWakeScript(command: readonly string[]): string {
  const words = [...command, 'wake'].map((word) => {
    refuseControl(word)
    return `'${word.replaceAll("'", String.raw`'\''`)}'`
  })
  return `#!/bin/sh\n# ${MARK}\nexec ${words.join(' ')}\n`
}

function propertyList(lines: readonly string[]): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    `<!-- ${MARK} -->`,
    '<plist version="1.0">',
    '<dict>',
    ...lines,
    '</dict>',
    '</plist>',
    '',
  ].join('\n')
}

function escape(text: string): string {
  refuseControl(text)
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
