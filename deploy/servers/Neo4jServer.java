import java.nio.file.Path;
import java.util.Map;
import org.neo4j.configuration.GraphDatabaseSettings;
import org.neo4j.configuration.connectors.BoltConnector;
import org.neo4j.configuration.helpers.SocketAddress;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;
import org.neo4j.io.ByteUnit;

/**
 * Neo4j with Bolt on 127.0.0.1, from the published jars, which hold no server program of their own.
 * Arguments: home folder, port. The password of the user neo4j is read from NEO4J_PASSWORD.
 */
public final class Neo4jServer {
    private Neo4jServer() {}

    public static void main(String[] arguments) throws InterruptedException {
        var service = new DatabaseManagementServiceBuilder(Path.of(arguments[0]))
                .setConfig(BoltConnector.enabled, true)
                .setConfig(BoltConnector.listen_address, new SocketAddress("127.0.0.1", Integer.parseInt(arguments[1])))
                .setConfig(GraphDatabaseSettings.auth_enabled, true)
                .setConfig(GraphDatabaseSettings.pagecache_memory, ByteUnit.mebiBytes(128))
                .build();
        Runtime.getRuntime().addShutdownHook(new Thread(service::shutdown));
        // Statements made here are not a user's, so no old password is asked for.
        service.database(GraphDatabaseSettings.SYSTEM_DATABASE_NAME)
                .executeTransactionally(
                        "CREATE OR REPLACE USER neo4j SET PASSWORD $password CHANGE NOT REQUIRED",
                        Map.of("password", System.getenv("NEO4J_PASSWORD")));
        System.out.println("ready");
        Thread.currentThread().join();
    }
}
