/** RFC 5280, RFC 6960 and the policy identifiers of jpki.md §2.3 and §2.4. */
export const OID = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  issuerAltName: '2.5.29.18',
  basicConstraints: '2.5.29.19',
  crlNumber: '2.5.29.20',
  reasonCode: '2.5.29.21',
  deltaCrlIndicator: '2.5.29.27',
  issuingDistributionPoint: '2.5.29.28',
  certificateIssuer: '2.5.29.29',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',

  cpsQualifier: '1.3.6.1.5.5.7.2.1',
  ocspAccess: '1.3.6.1.5.5.7.48.1',
  ocspBasic: '1.3.6.1.5.5.7.48.1.1',
  ocspNonce: '1.3.6.1.5.5.7.48.1.2',
  ocspNoCheck: '1.3.6.1.5.5.7.48.1.5',

  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  ocspSigning: '1.3.6.1.5.5.7.3.9',

  authenticationPolicy: '1.2.392.200149.8.5.1.3.30',
  /** The nation's own is not published (jpki.md §3): this one is of the arc for examples (RFC 5612). */
  phoneAuthenticationPolicy: '1.3.6.1.4.1.32473.24815.30',
  signaturePolicy: '1.2.392.200149.8.5.1.1.20',
  /** Base of the otherName types of the signature certificate: `.1` name … `.6` address substitute flags. */
  holderAttribute: '1.2.392.200149.8.5.5',

  /** Assigned to nobody: a private enterprise arc of zero, for extensions that no reader may know. */
  unknownExtension: '1.3.6.1.4.1.0.3434.1',
} as const
