import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/**
 * Posts a @SCHEME@ that hookglass received to your handler, signed with a public test secret.
 *
 * <p>Start your app with SECRET as its SCALEKIT_WEBHOOK_SECRET, for example by
 * {@code @SpringBootTest(webEnvironment = DEFINED_PORT, properties = "SCALEKIT_WEBHOOK_SECRET=" + SECRET)}. The app has its own clock, so the
 * request is signed when the test runs. WEBHOOK_URL names another URL.
 */
class @TITLE@Test {
    static final String HANDLER_URL = "http://localhost:8080/@SCHEME@s/scalekit";
    static final String SECRET = "@SECRET@"; // public: for tests only
    static final byte[] ID = decoded("@ID@");
    static final byte[] HEADERS = decoded("@HEADERS@");
    static final byte[] BODY = decoded("@BODY@");

    static byte[] decoded(String... base64) {
        return Base64.getDecoder().decode(String.join("", base64));
    }

    @Test
    void theHandlerAcceptsThe@TITLE@() throws Exception {
        var id = new String(ID, StandardCharsets.ISO_8859_1);
        var now = String.valueOf(Instant.now().getEpochSecond());
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(decoded(SECRET.split("_")[1]), "HmacSHA256"));
        mac.update((id + "." + now + ".").getBytes(StandardCharsets.UTF_8));
        var signature = Base64.getEncoder().encodeToString(mac.doFinal(BODY));

        var url = System.getenv().getOrDefault("WEBHOOK_URL", HANDLER_URL);
        var request = HttpRequest.newBuilder(URI.create(url)).POST(HttpRequest.BodyPublishers.ofByteArray(BODY));
        for (var line : new String(HEADERS, StandardCharsets.ISO_8859_1).split("\n")) {
            var colon = line.indexOf(": ");
            if (colon > 0) request.header(line.substring(0, colon), line.substring(colon + 2));
        }
        request.header("@SCHEME@-id", id);
        request.header("@SCHEME@-timestamp", now);
        request.header("@SCHEME@-signature", "v1," + signature);
        var response = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()
            .send(request.build(), HttpResponse.BodyHandlers.discarding());
        assertEquals(2, response.statusCode() / 100, () -> "the handler responded " + response.statusCode());
    }
}
