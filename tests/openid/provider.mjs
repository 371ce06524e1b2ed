// The certified provider `oidc-provider`, with its own login form, on a free port: two clients, two people.

import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

/** What each person's account says, by what they type as login. */
const PEOPLE = {
  marie: {
    family_name: "Le Gall", given_name: "Marie Claire", birthdate: "1984-07-12", gender: "female",
    birthplace: "35238", birthcountry: "99100", preferred_username: "Durand",
  },
  martin: {
    family_name: "Martin", given_name: "Paul", SubjectNameID: "899900900012",
    SubjectRefPro: {
      exercices: [{
        codeProfession: "10", codeCategorieProfessionnelle: "C", codeSavoirFaire: "SM26",
        activities: [
          { numeroFinessSite: "229990018", raisonSocialeSite: "Cabinet du Port", codeSecteurDactivite: "SA07" },
          { numeroFinessSite: "229900014", raisonSocialeSite: "Hôpital de la Baie", codeSecteurDactivite: "SA01" },
        ],
      }],
    },
  },
};

const TRAITS = ["given_name", "family_name", "birthdate", "gender", "birthplace", "birthcountry", "preferred_username"];

/** Starts it for a server at that address; `issuer` and `stop()`. */
export async function startProvider(listen, server) {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "ES256", kid: "certified" };
  const client = (client_id) => ({
    client_id,
    client_secret: `${client_id}-secret-of-thirty-two-characters`,
    redirect_uris: [`${server}/connexion/retour`],
    post_logout_redirect_uris: [`${server}/connexion/fin`],
    response_types: ["code"],
    grant_types: ["authorization_code"],
    id_token_signed_response_alg: "ES256",
    token_endpoint_auth_method: "client_secret_basic",
  });
  const issuer = `http://127.0.0.1:${listen}`;
  const provider = new Provider(issuer, {
    clients: [client("psc"), client("fc")],
    jwks: { keys: [key] },
    cookies: { keys: ["certified"] },
    pkce: { required: () => true },
    claims: {
      openid: ["sub", "auth_time"],
      scope_all: ["family_name", "given_name", "SubjectNameID", "SubjectRefPro"],
      ...Object.fromEntries(TRAITS.map((name) => [name, [name]])),
    },
    enabledJWA: { idTokenSigningAlgValues: ["ES256"] },
    findAccount: (_, login) => PEOPLE[login] && { accountId: login, claims: () => ({ sub: login, ...PEOPLE[login] }) },
  });
  const running = createServer(provider.callback());
  await new Promise((ready) => running.listen(listen, "127.0.0.1", ready));
  return { issuer, stop: () => new Promise((done) => { running.closeAllConnections(); running.close(done); }) };
}
