//! Pages of accounts, which the server answers: activation, passwords, passkeys, codes, recovery, devices.
