/** A self-signed certificate for tests, of the host `shop.example`. */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBhDCCASugAwIBAgIUSMKMfWIodgqEDLNkU9st1yOCf6wwCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMc2hvcC5leGFtcGxlMCAXDTI2MTEyMTEzMDIzMFoYDzIxMjYx
MDI4MTMwMjMwWjAXMRUwEwYDVQQDDAxzaG9wLmV4YW1wbGUwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAARa53pLvf5ypxLfaON/kfPc/rUzxjHaIBwqhUjVqmaDczLl
3mp42AN30eHdRebpe4NDqy8/grPREhMEt2rc0Wpho1MwUTAdBgNVHQ4EFgQUntUB
S3Mx4RfCxEeU5LmogHs1KcQwHwYDVR0jBBgwFoAUntUBS3Mx4RfCxEeU5LmogHs1
KcQwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiA7lTcE/N2f5uP5
JWPHk4p0l5I6Q4fLB53+8JG4aGmcsAIgRKNBYCRtJddqvDbgcOrXONAOsGywbUG2
HRnMNHvZRCQ=
-----END CERTIFICATE-----
`;

/** The key of the certificate; made for tests, used nowhere else. */
export const certificateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0OM48YxRtDso+idQ
fWCzTdW+v4pfNjd/+HZTVpOkmo+hRANCAARa53pLvf5ypxLfaON/kfPc/rUzxjHa
IBwqhUjVqmaDczLl3mp42AN30eHdRebpe4NDqy8/grPREhMEt2rc0Wph
-----END PRIVATE KEY-----
`;

/** A key of no certificate. */
export const otherKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgRy7tSbcTXlx+bwqa
FohQUj9zbYz/uDcQRprLl6OcMkqhRANCAASWNLuwWAROfs8lo1KGrD3OOV4oBPMb
hUO1yj9tCOdn4hRTcjOiMQ7lqwuga/D65m2SsObgI+l10Zp/sgGHfrJc
-----END PRIVATE KEY-----
`;

/** A self-signed certificate for tests, of `pier.example` and all hosts one label below. */
export const wildcardCertificate = `-----BEGIN CERTIFICATE-----
MIIBrjCCAVSgAwIBAgIUBD/B3mrtzUjJvjh8ahFsnfi0oiIwCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMcGllci5leGFtcGxlMCAXDTI2MTEyNjA1NDcwNFoYDzIxMjYx
MTAyMDU0NzA0WjAXMRUwEwYDVQQDDAxwaWVyLmV4YW1wbGUwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAASCjZWAyMB9Q5coLRZ3Aj9MPkalwhK+cX+LE16oJE9dvVRw
PfVqfnV/xlh28wNyH1b/wXdmk3AFmfwpFNOG5/5Io3wwejAdBgNVHQ4EFgQUrfGw
jhSFl128gU0f4CqVdfEycHIwHwYDVR0jBBgwFoAUrfGwjhSFl128gU0f4CqVdfEy
cHIwDwYDVR0TAQH/BAUwAwEB/zAnBgNVHREEIDAegg4qLnBpZXIuZXhhbXBsZYIM
cGllci5leGFtcGxlMAoGCCqGSM49BAMCA0gAMEUCIQDWBaaWrHizFZw26sBVcf6M
NoV9pN4TU6SYTO5os/M9hQIgVnjZjxwT4gtRVr15ke2IKu8F6bb1Mf8FBW9GSCpe
dDw=
-----END CERTIFICATE-----
`;
